/** Docker for one job, put together. */

import type { ProgramEnd } from "../host.ts";
import { runAction } from "./action.ts";
import { dockerCli, say } from "./cli.ts";
import type { OpenDocker, PreparedImage, Started } from "./docker.ts";
import { prepareImage } from "./images.ts";
import { removeAll, removeLeftBehind } from "./remove.ts";
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
  };
  let ready: Promise<string | null> | null = null;
  const readied = (step: number): Promise<string | null> => (ready ??= prepare(room, step));
  return {
    start: async (step, containers): Promise<Started> => {
      const failed = await readied(step);
      return failed === null ? startContainers(room, step, containers) : { failed };
    },
    prepare: async (step, image): Promise<PreparedImage> => {
      const failed = await readied(step);
      return failed === null ? prepareImage(room, step, image) : { failed };
    },
    run: (action) => runAction(room, action),
    address: async (step) => {
      const asked = await room.cli.ask(step, ["network", "inspect", BRIDGE_FORMAT, "bridge"], {
        isQuiet: true,
      });
      return "failed" in asked ? null : (ADDRESS.exec(asked.text)?.[0] ?? null);
    },
    end: async (step) => {
      if (ready === null || (await ready) !== null) return;
      try {
        await removeAll(room, step);
      } catch (error) {
        say(host, step, `Not all containers were removed: ${String(error)}`);
      }
    },
  };
};

/** The daemon answers, and nothing of an earlier job is in the way; else why not. */
async function prepare(room: Room, step: number): Promise<string | null> {
  const args = ["version", "--format={{.Server.Version}}"];
  const asked = await room.cli.ask(step, args, { timeoutMs: VERSION_TIMEOUT_MS, isQuiet: true });
  if ("failed" in asked) return `Docker does not answer: ${asked.failed}`;
  await removeLeftBehind(room, step);
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
    end: async () => {},
  };
}
