/** Runs one program of a task: its output into the journal, its end in one record. */

import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import type { Duplex } from "node:stream";

import type { Containment } from "./contain/containment.ts";
import { innerEnvironment } from "./contain/inner-environment.ts";
import { plainShell } from "./contain/plain-shell.ts";
import { errno } from "./once.ts";
import type { Fifo } from "./fifo.ts";
import { closeWriteEnd, readFifo } from "./fifo.ts";
import type { Journal } from "./journal.ts";
import type { Masker } from "./mask/masker.ts";

export type UnitEnd = { readonly code?: number; readonly signal?: NodeJS.Signals; readonly error?: string };

export type UnitSpec = {
  /** 0 for the command, else the hydration step's number. */
  readonly step: number;
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** The argv of the sandbox up to the command; empty for none. */
  readonly sandbox: readonly string[];
  /** Gets the output until the program's end, in the journal's stead; what it left running writes there after. */
  readonly onOutput?: (bytes: Buffer) => void;
  /** Hears what goes into the journal, masked. A view. */
  readonly heard?: ((bytes: Uint8Array) => void) | undefined;
};

export type Unit = {
  /** Of the outermost process; undefined when it could not be started. */
  readonly pid: number | undefined;
  /** The program's own end, its output read as far as it came within the drain. */
  readonly ended: Promise<UnitEnd>;
  /** Lets a program go that was started gated; nothing happens otherwise. */
  open(): void;
  /** Ends a gated program that was not let go: nothing of it ran. */
  drop(): void;
  /** Ends the reading, once nothing inside the containment is alive. */
  close(): Promise<void>;
};

export type UnitDeps = {
  readonly containment: Containment;
  readonly journal: Journal;
  readonly masker: Masker;
  readonly fifo: Fifo;
};

/** How long a program's descendants may keep its output open after its end (measured others: 2 to 5 s). */
export const DRAIN_MS = 2_000;
/** The kernel takes the command before boxd; GitHub's runner uses the same value. */
const OOM_SCORE = "500";

/**
 * Spawns at once. With `isGated` everything around the program is made ready and the program itself starts at `open`;
 * when boxd dies before, it never does. In a PID namespace or a sandbox the outer process only reports 128+n for a signal; a bash inside
 * then tells the difference, by saying something on a descriptor of its own when its child was killed.
 */
export function startUnit(deps: UnitDeps, spec: UnitSpec, isGated = false): Unit {
  const { containment, journal, masker, fifo } = deps;
  const isNested =
    spec.sandbox.length > 0 || containment.rung === "pid-namespace" || containment.rung === "bwrap";
  const { env, argv } = innerEnvironment(spec.env);
  const program = [...argv, ...spec.argv];
  const reported = isNested ? [...REPORTING_BASH, ...program] : program;
  const shell = plainShell(env);
  const inner = isGated ? [...shell, GATE, "sh", isNested ? "" : "3>&-", ...reported] : reported;
  const [file = "", ...args] = containment.wrap([...spec.sandbox, ...inner], shell);
  const stream = masker.stream();
  let isTapped = spec.onOutput !== undefined;
  const keep = (clear: Buffer): void => {
    if (clear.length === 0) return;
    journal.output(spec.step, clear);
    spec.heard?.(clear);
  };
  const reader = readFifo(fifo, (bytes) => {
    // What a line or a mask holds back is kept beyond this call, and the view is not.
    if (isTapped) return spec.onOutput?.(Buffer.from(bytes));
    keep(stream.push(bytes));
  });
  const child = withOomScore(() =>
    spawn(file, args, {
      cwd: spec.cwd,
      env,
      detached: true,
      stdio: ["ignore", fifo.writeFd, fifo.writeFd, isNested || isGated ? "pipe" : "ignore"],
    }),
  );
  closeWriteEnd(fifo);
  if (child.pid !== undefined) containment.adopt(child.pid);
  let killedInside = false;
  const line = child.stdio[3] as Duplex | null | undefined;
  line?.on("data", () => (killedInside = true));
  // A program that was killed at its gate does not read any more.
  line?.on("error", () => undefined);

  const own = new Promise<UnitEnd>((resolve) => {
    child.once("error", (error) => resolve({ error: errno(error) ?? error.message }));
    child.once(isNested ? "close" : "exit", (code, signal) => {
      if (signal !== null) resolve({ signal });
      else if (killedInside && code !== null && code > 128) resolve({ signal: signalName(code - 128) });
      else resolve({ code: code ?? 0 });
    });
  });
  let isClosed = false;
  const close = async (): Promise<void> => {
    if (isClosed) return;
    isClosed = true;
    await within(reader.ended, DRAIN_MS);
    reader.destroy();
    keep(stream.flush());
  };
  return {
    pid: child.pid,
    ended: own.then(async (end) => {
      await within(reader.ended, DRAIN_MS);
      isTapped = false;
      return end;
    }),
    open: () => void line?.write("\n"),
    drop: () => void line?.end(),
    close,
  };
}

/** True when programs run in a PID namespace of their own. */
export function isInNamespace(containment: Containment, isSandboxed: boolean): boolean {
  return isSandboxed || containment.rung === "pid-namespace" || containment.rung === "bwrap";
}

/**
 * Waits for a line on descriptor 3; its end says that nobody lets it go any more. $1 closes the descriptor where nobody else needs it.
 */
const GATE = 'read -r line <&3 || exit 125; eval "exec $1"; shift; exec "$@"';

/** Outlives TERM to see what becomes of the program. Its own stderr is descriptor 3; the program gets the real one back and does not inherit 3. */
const REPORTING_BASH = [
  "bash",
  "--noprofile",
  "--norc",
  "-c",
  'trap : TERM; exec 4>&2 2>&3 3>&-; "$@" 2>&4 4>&-; exit $?',
  "bash",
];

const SIGNAL_NAMES: Readonly<Record<number, NodeJS.Signals>> = {
  1: "SIGHUP",
  2: "SIGINT",
  3: "SIGQUIT",
  4: "SIGILL",
  5: "SIGTRAP",
  6: "SIGABRT",
  7: "SIGBUS",
  8: "SIGFPE",
  9: "SIGKILL",
  10: "SIGUSR1",
  11: "SIGSEGV",
  12: "SIGUSR2",
  13: "SIGPIPE",
  14: "SIGALRM",
  15: "SIGTERM",
  24: "SIGXCPU",
  25: "SIGXFSZ",
  31: "SIGSYS",
};

function signalName(number: number): NodeJS.Signals {
  return SIGNAL_NAMES[number] ?? "SIGKILL";
}

/** The child inherits the score in its first moment; any user may raise it and return to where it was. */
function withOomScore<T>(make: () => T): T {
  const file = "/proc/self/oom_score_adj";
  const before = readFileSync(file, "latin1");
  if (Number(before) >= Number(OOM_SCORE)) return make();
  writeFileSync(file, OOM_SCORE);
  try {
    return make();
  } finally {
    writeFileSync(file, before);
  }
}

/** Waits for `promise`, but not longer than `ms`. */
async function within(promise: Promise<void>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)));
  await Promise.race([promise, timeout]);
  clearTimeout(timer);
}
