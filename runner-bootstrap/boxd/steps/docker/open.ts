/** Docker for one job, put together. */

import type { ProgramEnd } from "../host.ts";
import { runAction } from "./action.ts";
import { dockerCli, PING, say } from "./cli.ts";
import { daemonOf, unclearable } from "./daemon.ts";
import type { OpenDocker, PreparedImage, Started } from "./docker.ts";
import { prepareImage } from "./images.ts";
import { removeAll, removeAllButServices, removeLeftBehind } from "./remove.ts";
import { guarded, toError, toFailed } from "./guarded.ts";
import { endable, isEnding, whyEnding } from "./room.ts";
import type { Room } from "./room.ts";
import { startContainers } from "./start.ts";

/** A daemon that is busy starting answers the first call late, one that hangs never. */
const FIRST_ANSWER_MS = 60_000;
/** A cancelled task has little time. */
const LAST_ANSWER_MS = 5_000;
const BRIDGE_FORMAT = "--format={{(index .IPAM.Config 0).Gateway}}";
const ADDRESS = /^\d{1,3}(?:\.\d{1,3}){3}$/m;
/** It was not told, because whoever asked was to end: nothing is known. */
const CUT = Symbol("cut");

/** See docker.ts. */
export const openDocker: OpenDocker = (host, key) => {
  if ("missing" in host.docker) return withoutDocker(host.docker.missing);
  const room: Room = {
    host,
    key,
    cli: dockerCli(host, host.docker.argv),
    made: { network: null, containers: [], images: new Map(), writer: null },
    cancel: {},
  };
  let ready: Promise<string | typeof CUT | null> | null = null;
  const readied = async (own: Room, step: number): Promise<string | null> => {
    for (;;) {
      const asked = (ready ??= prepare(own, step));
      const failed = await asked;
      if (failed !== CUT) return failed;
      // It was another one's that was cancelled, or whoever comes after asks anew.
      if (ready === asked) ready = null;
      if (isEnding(own)) return whyEnding(own);
    }
  };
  return {
    start: (step, containers, signal) =>
      guarded<Started>(toFailed, async () => {
        const own = endable(room, signal);
        const failed = await readied(own, step);
        if (failed !== null) return { failed };
        const started = await startContainers(own, step, containers);
        // What was killed for it explains nothing, but names what was waited for.
        const isCut = "failed" in started && isEnding(own);
        return isCut ? { failed: `${whyEnding(own)}; ${started.failed}` } : started;
      }),
    prepare: (step, image, signal) =>
      guarded<PreparedImage>(toFailed, async () => {
        const own = endable(room, signal);
        const failed = await readied(own, step);
        return failed === null ? prepareImage(own, step, image) : { failed };
      }),
    run: (action) => guarded<ProgramEnd>(toError, () => runAction(room, action)),
    address: (step) =>
      guarded(
        () => null,
        async () => {
          const args = ["network", "inspect", BRIDGE_FORMAT, "bridge"];
          const how = { isQuiet: true, timeoutMs: FIRST_ANSWER_MS };
          const asked = await room.cli.ask(step, args, { ...how, ...endable(room).cancel });
          return "failed" in asked ? null : (ADDRESS.exec(asked.text)?.[0] ?? null);
        },
      ),
    leave: (step) =>
      guarded(
        (words) => say(host, step, `Not all containers were removed: ${words}`),
        async () => removeAllButServices(room, step),
      ),
    end: (step) =>
      guarded(
        (words) => say(host, step, `Not all containers were removed: ${words}`),
        async () => {
          if (ready === null || (await ready) !== null) return;
          // Perhaps it was cancelled because Docker hangs: the task's end removes them too, within a time of its own.
          const isHurried = host.cancelled.aborted && host.containers !== undefined;
          if (!isHurried || (await answers(room, step))) await removeAll(room, step);
          else say(host, step, "Docker does not answer: containers are removed with the task.");
        },
      ),
  };
};

/** The daemon answers, and nothing of an earlier job is in the way; else why not. */
async function prepare(room: Room, step: number): Promise<string | typeof CUT | null> {
  const asked = await room.cli.ask(step, PING, { timeoutMs: FIRST_ANSWER_MS, isQuiet: true, ...room.cancel });
  if (isEnding(room)) return CUT;
  if ("failed" in asked) return `Docker does not answer: ${asked.failed}`;
  const [daemon] = await Promise.all([daemonOf(room, step), removeLeftBehind(room, step)]);
  if (isEnding(room)) return CUT;
  const { containers } = room.host;
  if (containers === undefined) return null;
  const why = daemon === null ? null : unclearable(room.host, daemon);
  if (why === null) containers.begin(daemon?.address ?? null);
  return why;
}

async function answers(room: Room, step: number): Promise<boolean> {
  return "text" in (await room.cli.ask(step, PING, { timeoutMs: LAST_ANSWER_MS, isQuiet: true }));
}

function withoutDocker(missing: string): ReturnType<OpenDocker> {
  const failed = `this needs Docker, which is not here: ${missing}`;
  const error: ProgramEnd = { error: failed };
  return {
    start: async () => ({ failed }),
    prepare: async () => ({ failed }),
    run: async () => error,
    address: async () => null,
    leave: async () => {},
    end: async () => {},
  };
}
