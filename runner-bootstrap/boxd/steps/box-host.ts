/** The step engine's host on a box: programs in the task's containment, output masked into the task's journal. */

import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

import type { Journal } from "../journal.ts";
import type { Masker, MaskStream } from "../mask/masker.ts";
import type { Units } from "../units.ts";
import type { EngineEvent, EngineHost } from "./host.ts";
import { eitherOf } from "../either-of.ts";

export type BoxHostDeps = {
  readonly units: Units;
  readonly journal: Journal;
  readonly masker: Masker;
  readonly places: EngineHost["places"];
  readonly env: Readonly<Record<string, string>>;
  /** The argv of the sandbox up to a program; empty for none. */
  readonly sandbox: readonly string[];
  /** Aborted when the task is to end. */
  readonly cancelled: AbortSignal;
  /** Aborted when no step may run any more, `always()` or not. */
  readonly over: AbortSignal;
  readonly isRefusedName: (name: string) => boolean;
  readonly containers: NonNullable<EngineHost["containers"]>;
};

export type BoxHost = EngineHost & {
  /** Writes what the masker holds back. Safe to repeat. */
  flush(): void;
  /** What failed first in a step. */
  reasonOf(step: number): { readonly message?: string; readonly code?: number };
};

/** Groups, annotations and summaries of one hydration; they count for no cap of the log. */
const SAID_MAX = 2_000;
/** Characters of a step's or group's name; the App refuses lines of more than 1,024. */
const NAME_MAX = 500;

/** Nothing is started here. `spawn` never rejects. */
export function createBoxHost(deps: BoxHostDeps): BoxHost {
  const { units, journal, masker, over, sandbox } = deps;
  const streams = new Map<number, MaskStream>();
  const reasons = new Map<number, { message?: string; code?: number }>();
  let said = 0;
  const flush = (step: number): void => {
    const rest = streams.get(step)?.flush();
    streams.delete(step);
    if (rest !== undefined && rest.length > 0) journal.output(step, rest);
  };
  return {
    places: deps.places,
    node: process.execPath,
    env: deps.env,
    services: {},
    containers: deps.containers,
    docker: dockerOf(deps.env["PATH"] ?? "", sandbox.length > 0),
    async spawn({ argv, cwd, env, step, onOutput, timeoutMs, signal }) {
      if (over.aborted) return { error: "the task is being ended" };
      return units.runBeside(
        { step, argv, cwd, env, sandbox, onOutput },
        {
          signal: signal === undefined ? over : eitherOf([signal, over]),
          ...(timeoutMs === undefined ? {} : { timeoutMs }),
        },
      );
    },
    log(step, text) {
      const stream = streams.get(step) ?? masker.stream();
      streams.set(step, stream);
      const clear = stream.push(Buffer.from(text.buffer, text.byteOffset, text.byteLength));
      if (clear.length > 0) journal.output(step, clear);
    },
    event(event) {
      if (event.e === "annotation" && event.level === "failure")
        reasons.set(event.n, { message: event.message, ...reasons.get(event.n) });
      if (event.e === "step" && event.at === "end") {
        flush(event.n);
        if (event.code !== undefined) reasons.set(event.n, { ...reasons.get(event.n), code: event.code });
      } else if (event.e !== "step") {
        said += 1;
        if (said === SAID_MAX) journal.event({ e: "note", text: "Steps have more to say than is kept." });
        if (said >= SAID_MAX) return;
      }
      journal.event(bounded(event, masker));
    },
    mask: (value) => void masker.add([value]),
    masked: masker.text,
    isRefusedName: deps.isRefusedName,
    cancelled: deps.cancelled,
    now: () => Date.now(),
    flush() {
      for (const step of streams.keys()) flush(step);
    },
    reasonOf: (step) => reasons.get(step) ?? {},
  };
}

function bounded(event: EngineEvent, masker: Masker): EngineEvent {
  return "name" in event && event.name.length > NAME_MAX
    ? { ...event, name: `${masker.text(event.name).slice(0, NAME_MAX).toWellFormed()}…` }
    : event;
}

/** Docker's daemon does what it is told outside of any sandbox. */
function dockerOf(path: string, isSandboxed: boolean): EngineHost["docker"] {
  if (isSandboxed) return { missing: "commands run in a sandbox here, which Docker would lead out of" };
  const isThere = path.split(delimiter).some((dir) => dir.startsWith("/") && existsSync(join(dir, "docker")));
  return isThere ? { argv: ["docker"] } : { missing: "there is no `docker` on the box's PATH" };
}
