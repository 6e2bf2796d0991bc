/** The container of a Docker action. */

import { mkdirSync } from "node:fs";
import { join } from "node:path";

import type { ProgramEnd } from "../host.ts";
import { splitArguments } from "./arguments.ts";
import type { ContainerRun } from "./docker.ts";
import { endedInside } from "./ending.ts";
import { handEnv, withWatermark } from "./environment.ts";
import { actionMounts, HOME_DIRECTORY, mountArgument, pathMap, WORKFLOW_DIRECTORY } from "./paths.ts";
import { jobLabels, nameFor } from "./room.ts";
import type { Room } from "./room.ts";
import { socketMounts } from "./well-known.ts";

const SIGNAL_TIMEOUT_MS = 30_000;

/** As actions/runner ContainerActionHandler.cs and DockerCommandManager.cs, DockerRun; in the job's network when there is one. */
export async function runAction(room: Room, action: ContainerRun): Promise<ProgramEnd> {
  const { host, cli } = room;
  for (const name of [HOME_DIRECTORY, WORKFLOW_DIRECTORY])
    mkdirSync(join(host.places.temp, name), { recursive: true });
  const mounts = [...actionMounts(host), ...socketMounts(host)];
  const { inside } = pathMap(mounts);
  const translated = Object.entries(action.env).map(([name, value]) => [name, inside(value)]);
  const env = handEnv(host, withWatermark({ ...Object.fromEntries(translated), HOME: "/github/home" }));
  const { network } = room.made;
  const { entrypoint = "" } = action;
  const name = nameFor(room, "action");
  const args = [
    "run",
    `--name=${name}`,
    "--rm",
    ...jobLabels(room),
    "--workdir=/github/workspace",
    ...env.args,
    ...(entrypoint === "" ? [] : [`--entrypoint=${entrypoint}`]),
    ...(network === null ? [] : [`--network=${network}`]),
    ...mounts.map(mountArgument),
    action.image,
    ...(typeof action.args === "string" ? splitArguments(action.args) : action.args),
  ];
  const send = async (signal: string): Promise<void> => {
    const how = { isQuiet: true, timeoutMs: SIGNAL_TIMEOUT_MS };
    const kill =
      signal === "KILL" ? ["rm", "--force", "--volumes", name] : ["kill", `--signal=${signal}`, name];
    await cli.ask(action.step, kill, how);
  };
  room.made.writer = action.image;
  const { onOutput, timeoutMs } = action;
  try {
    return await endedInside(
      (signal) => cli.show(action.step, args, { env: env.clientEnv, onOutput, signal }),
      {
        send,
        ...(timeoutMs === undefined ? {} : { timeoutMs }),
        ...(action.signal === undefined ? {} : { signal: action.signal }),
      },
    );
  } finally {
    env.done();
  }
}
