/** Docker for one job, put together. */

import type { ProgramEnd } from "../host.ts";
import { runAction } from "./action.ts";
import { dockerCli, say } from "./cli.ts";
import type { OpenDocker, PreparedImage, Started } from "./docker.ts";
import { prepareImage } from "./images.ts";
import { removeAll, removeAllButServices, removeLeftBehind } from "./remove.ts";
import { guarded, toError, toFailed } from "./guarded.ts";
import { endable } from "./room.ts";
import type { Room } from "./room.ts";
import { startContainers } from "./start.ts";

/** A daemon that is busy starting answers late, one that hangs never. */
const VERSION_TIMEOUT_MS = 60_000;
const BRIDGE_FORMAT = "--format={{(index .IPAM.Config 0).Gateway}}";
const ADDRESS = /^\d{1,3}(?:\.\d{1,3}){3}$/m;

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
  let ready: Promise<string | null> | null = null;
  const readied = (step: number): Promise<string | null> => (ready ??= prepare(room, step));
  return {
    start: (step, containers, signal) =>
      guarded<Started>(toFailed, async () => {
        const failed = await readied(step);
        return failed === null ? startContainers(endable(room, signal), step, containers) : { failed };
      }),
    prepare: (step, image, signal) =>
      guarded<PreparedImage>(toFailed, async () => {
        const failed = await readied(step);
        return failed === null ? prepareImage(endable(room, signal), step, image) : { failed };
      }),
    run: (action) => guarded<ProgramEnd>(toError, () => runAction(room, action)),
    address: (step) =>
      guarded(
        () => null,
        async () => {
          const args = ["network", "inspect", BRIDGE_FORMAT, "bridge"];
          const asked = await room.cli.ask(step, args, { isQuiet: true });
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
          if (ready !== null && (await ready) === null) await removeAll(room, step);
        },
      ),
  };
};

/** The daemon answers, and nothing of an earlier job is in the way; else why not. */
async function prepare(room: Room, step: number): Promise<string | null> {
  const args = ["version", "--format={{.Server.Version}}"];
  const asked = await room.cli.ask(step, args, { timeoutMs: VERSION_TIMEOUT_MS, isQuiet: true });
  if ("failed" in asked) return `Docker does not answer: ${asked.failed}`;
  await removeLeftBehind(room, step);
  room.host.containers?.begin();
  return null;
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
