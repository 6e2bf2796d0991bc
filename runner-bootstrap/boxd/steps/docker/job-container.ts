/** Steps in the job's container. */

import { randomBytes } from "node:crypto";

import type { ProgramEnd } from "../host.ts";
import { say } from "./cli.ts";
import type { ContainerProgram, JobContainer } from "./docker.ts";
import { endedInside } from "./ending.ts";
import { handEnv } from "./environment.ts";
import { guarded, toError } from "./guarded.ts";
import type { PathMap } from "./paths.ts";
import type { Room } from "./room.ts";
import { NODE_INSIDE } from "./well-known.ts";

/** Marks every process that a program starts, for they inherit it. */
const MARK = "CRABBOX_STEP_PROGRAM";
/** `$1` the mark, `$2` the signal. A container without sh, grep or kill keeps its processes until it is removed. */
const SIGNAL_SCRIPT = `for d in /proc/[0-9]*; do
  grep -qs "${MARK}=$1" "$d/environ" && kill -"$2" "\${d#/proc/}"
done
true`;
const SIGNAL_TIMEOUT_MS = 10_000;
const PROBE_TIMEOUT_MS = 30_000;

export type Entered = { readonly id: string; readonly map: PathMap; readonly path: string };

/** A job container that runs. */
export function jobContainer(room: Room, entered: Entered): JobContainer {
  let node: Promise<Found> | null = null;
  return {
    inside: entered.map.inside,
    outside: entered.map.outside,
    node: (step) => (node ??= findNode(room, entered.id, step)),
    spawn: (program) => guarded<ProgramEnd>(toError, () => spawnInside(room, entered, program)),
  };
}

type Found = Awaited<ReturnType<JobContainer["node"]>>;

/** As actions/runner StepHost.cs, ContainerStepHost.ExecuteAsync. */
async function spawnInside(room: Room, entered: Entered, program: ContainerProgram): Promise<ProgramEnd> {
  const { inside } = entered.map;
  const mark = randomBytes(12).toString("hex");
  const path = [...program.addPath.map(inside), program.env["PATH"] ?? entered.path];
  const translated = Object.entries(program.env).map(([name, value]) => [name, inside(value)]);
  const env = handEnv(room.host, {
    ...Object.fromEntries(translated),
    ...(program.addPath.length === 0 ? {} : { PATH: path.join(":") }),
    [MARK]: mark,
  });
  const args = ["exec", `--workdir=${inside(program.cwd)}`, ...env.args, entered.id, ...program.argv];
  const send = async (signal: string): Promise<void> => {
    const kill = ["exec", entered.id, "sh", "-c", SIGNAL_SCRIPT, "sh", mark, signal];
    await room.cli.ask(program.step, kill, { isQuiet: true, timeoutMs: SIGNAL_TIMEOUT_MS });
  };
  const { onOutput, timeoutMs } = program;
  try {
    return await endedInside(
      (signal) => room.cli.show(program.step, args, { env: env.clientEnv, onOutput, signal, isQuiet: true }),
      {
        send,
        ...(timeoutMs === undefined ? {} : { timeoutMs }),
        ...(program.signal === undefined ? {} : { signal: program.signal }),
      },
    );
  } finally {
    env.done();
  }
}

/** Tried, not guessed from the distribution's name: ours is made for glibc, and an image may have another. */
async function findNode(room: Room, id: string, step: number): Promise<Found> {
  for (const node of [NODE_INSIDE, "node"]) {
    const how = { isQuiet: true, timeoutMs: PROBE_TIMEOUT_MS };
    const asked = await room.cli.ask(step, ["exec", id, node, "--version"], how);
    if ("failed" in asked) continue;
    if (node !== NODE_INSIDE)
      say(
        room.host,
        step,
        `JavaScript actions run on the image's own Node ${asked.text.trim()}: ours cannot.`,
      );
    return { node };
  }
  return {
    failed:
      "JavaScript actions cannot run in the job's container: its image has no Node, and ours needs glibc and libstdc++",
  };
}
