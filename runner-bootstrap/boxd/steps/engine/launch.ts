/** Runs one program of a step and reads what it prints; says what its end means. */

import { statSync } from "node:fs";
import { constants } from "node:os";

import type { ProgramEnd } from "../host.ts";
import type { Step } from "./job.ts";
import { addedPath, hostEnvironment, unfit } from "./environment.ts";
import { openOutput } from "./output.ts";
import { fail } from "./say.ts";

export type Launch = {
  readonly argv: readonly string[];
  /** A path of the host; in a job container also one in there. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
};

/** `stopped`: cancelled or over its time; which of the two `endedBy` tells. */
export type Ended =
  | { readonly kind: "exit"; readonly code: number; readonly signal?: string }
  | { readonly kind: "stopped"; readonly by: "timeout" | "cancel" }
  | { readonly kind: "unstartable"; readonly message: string };

/** Longest wait a timer of Node can hold. */
const TIMER_MAX_MS = 2 ** 31 - 1;

/** Runs it where the job's steps run. Never throws for anything the program does. */
export async function launch(step: Step, program: Launch): Promise<Ended> {
  const { job } = step;
  const { container } = job;
  const fault = unfit(program.env) ?? (container === null ? unfitDirectory(program.cwd) : null);
  if (fault !== null) return { kind: "unstartable", message: fault };
  return watched(step, (watch) =>
    container === null
      ? job.host.spawn({ ...program, ...watch, env: hostEnvironment(step, program.env) })
      : container.spawn({ ...program, ...watch, addPath: addedPath(step) }),
  );
}

export type Watch = {
  readonly step: number;
  readonly onOutput: (chunk: Uint8Array) => void;
  readonly signal: AbortSignal;
  readonly timeoutMs?: number;
};

/** The step's time, its stop and its output around a program, however that is started. */
export async function watched(step: Step, start: (watch: Watch) => Promise<ProgramEnd>): Promise<Ended> {
  const { stop, deadlineAt, job } = step;
  if (stop.signal.aborted) return { kind: "stopped", by: "cancel" };
  const left = deadlineAt === null ? null : deadlineAt - job.host.now();
  if (left !== null && left <= 0) return { kind: "stopped", by: "timeout" };
  const output = openOutput(step);
  const end = await start({
    step: step.shown.n,
    onOutput: (chunk) => output.write(chunk),
    signal: stop.signal,
    ...(left === null || left > TIMER_MAX_MS ? {} : { timeoutMs: left }),
  });
  output.end();
  return meaning(step, end);
}

/** A program that failed: the step's error, in the runner's words. */
export function sayEnd(step: Step, ended: Ended): void {
  if (ended.kind === "unstartable") fail(step, ended.message);
  if (ended.kind === "stopped" && ended.by === "cancel") fail(step, "The operation was canceled.");
  if (ended.kind !== "exit") return;
  step.shown.code = ended.code;
  if (ended.code === 0) return;
  const killed =
    ended.signal === undefined ? "" : ` It was ended by ${ended.signal}, which did not come from here.`;
  fail(step, `Process completed with exit code ${ended.code}.${killed}`);
}

function meaning(step: Step, end: ProgramEnd): Ended {
  if (end.error !== undefined)
    return { kind: "unstartable", message: `The program cannot be started: ${end.error}` };
  if (end.timedOut === true) return { kind: "stopped", by: "timeout" };
  if (step.stop.signal.aborted) return { kind: "stopped", by: "cancel" };
  if (end.signal === undefined) return { kind: "exit", code: end.code ?? 0 };
  const number = constants.signals[end.signal as keyof typeof constants.signals] ?? 0;
  return { kind: "exit", code: 128 + number, signal: end.signal };
}

function unfitDirectory(directory: string): string | null {
  const stat = statSync(directory, { throwIfNoEntry: false });
  if (stat?.isDirectory() === true) return null;
  return stat === undefined
    ? `The working directory ${directory} does not exist: nothing made it, or an earlier step removed it.`
    : `The working directory ${directory} is no directory.`;
}
