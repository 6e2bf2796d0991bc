/** All programs of one task: started one after the other, stopped together, read to their end. */

import type { Containment } from "./contain/containment.ts";
import { endAll } from "./contain/end-all.ts";
import { endProgram } from "./contain/end-program.ts";
import type { Fifo } from "./fifo.ts";
import { makeFifos } from "./fifo.ts";
import { errno } from "./once.ts";
import type { Journal } from "./journal.ts";
import type { Layout } from "./layout.ts";
import type { Masker } from "./mask/masker.ts";
import type { Stop } from "./stop.ts";
import type { Unit, UnitEnd, UnitSpec } from "./unit.ts";
import { isInNamespace, startUnit } from "./unit.ts";

/** A program that is ready to run and does not, yet. */
export type Gated = { readonly unit: Unit; readonly spec: UnitSpec };

export type Units = {
  /** Makes everything around a program ready ahead; `run` lets it go, `drop` ends it. */
  prepare(spec: UnitSpec): Gated;
  drop(gated: Gated): void;
  /** Runs what `prepare` made ready, as `run` does. */
  release(gated: Gated): Promise<UnitEnd>;
  /** Runs a program to its end, or ends everything when the task is stopped. */
  run(spec: UnitSpec): Promise<UnitEnd>;
  /**
   * Runs a program beside others: on `signal` or after `timeoutMs` it alone is ended. That the task is stopped, is the
   * caller's to mind. Never rejects.
   */
  runBeside(spec: UnitSpec, limits: Limits): Promise<UnitEnd & { readonly timedOut?: boolean }>;
  /** Reads what is left of all outputs. After everything was ended. */
  close(): Promise<void>;
  /** True when the task is being stopped. */
  readonly isStopped: boolean;
};

export type Limits = { readonly signal?: AbortSignal; readonly timeoutMs?: number };

export type UnitsDeps = {
  readonly containment: Containment;
  readonly journal: Journal;
  readonly masker: Masker;
  readonly layout: Layout;
  readonly fifos: Fifo[];
  readonly stop: Stop;
  readonly graceMs: number;
};

/** setTimeout takes no more (2^31 - 1 ms). */
const TIMER_MAX_MS = 2_147_483_647;
/** How long a program that was killed may take to be reported by the kernel. */
const REAP_MS = 5_000;

/** Makes the runner. A step's background processes live on until the task's end, their output is read until then. */
export function createUnits(deps: UnitsDeps): Units {
  const started: Unit[] = [];
  const start = (spec: UnitSpec, isGated: boolean): Unit => {
    const fifo = deps.fifos.pop() ?? makeFifos(deps.layout.run, 1)[0];
    if (fifo === undefined) throw new Error("mkfifo made nothing");
    const unit = startUnit({ ...deps, fifo }, spec, isGated);
    started.push(unit);
    return unit;
  };
  const isNested = (spec: UnitSpec): boolean => isInNamespace(deps.containment, spec.sandbox.length > 0);
  const follow = async (unit: Unit, spec: UnitSpec): Promise<UnitEnd> => {
    const first = await Promise.race([unit.ended, deps.stop.requested.then(() => "stop" as const)]);
    if (typeof first === "object") return first;
    await endAll(deps.containment, deps.graceMs, isNested(spec));
    return Promise.race([unit.ended, reaped()]);
  };
  const beside = async (
    unit: Unit,
    spec: UnitSpec,
    { signal, timeoutMs }: Limits,
  ): Promise<UnitEnd & { readonly timedOut?: boolean }> => {
    const { reached, forget } = limitOf(signal, timeoutMs);
    const first = await Promise.race([unit.ended, reached]);
    forget();
    if (typeof first === "object") return first;
    if (unit.pid !== undefined) await endProgram(unit.pid, unit.ended, deps.graceMs, isNested(spec));
    const end = await Promise.race([unit.ended, reaped()]);
    return first === "timeout" ? { ...end, timedOut: true } : end;
  };
  return {
    get isStopped() {
      return deps.stop.reason !== undefined;
    },
    prepare: (spec) => ({ unit: start(spec, true), spec }),
    drop: ({ unit }) => unit.drop(),
    async release({ unit, spec }) {
      unit.open();
      return follow(unit, spec);
    },
    run: async (spec) => follow(start(spec, false), spec),
    async runBeside(spec, limits) {
      try {
        return await beside(start(spec, false), spec, limits);
      } catch (error) {
        return { error: errno(error) ?? String(error) };
      }
    },
    async close() {
      for (const unit of started) await unit.close();
    },
  };
}

async function reaped(): Promise<UnitEnd> {
  return new Promise((resolve) => setTimeout(() => resolve({ signal: "SIGKILL" }), REAP_MS).unref());
}

/** Which limit is reached first, and how to forget both. */
function limitOf(
  signal: AbortSignal | undefined,
  timeoutMs: number | undefined,
): { readonly reached: Promise<"timeout" | "aborted">; readonly forget: () => void } {
  let timer: NodeJS.Timeout | undefined;
  let abort = (): void => undefined;
  const reached = new Promise<"timeout" | "aborted">((resolve) => {
    abort = () => resolve("aborted");
    if (signal?.aborted === true) abort();
    signal?.addEventListener("abort", abort, { once: true });
    if (timeoutMs !== undefined)
      timer = setTimeout(() => resolve("timeout"), Math.min(timeoutMs, TIMER_MAX_MS));
  });
  return {
    reached,
    forget() {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
    },
  };
}
