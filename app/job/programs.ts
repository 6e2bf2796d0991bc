import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { closeSync, readFileSync, readdirSync } from "node:fs";
import { closeWriteEnd, makeFifosAhead, readFifo, type Fifo } from "../../runner-bootstrap/boxd/fifo.ts";
import type { Program, ProgramEnd } from "../../runner-bootstrap/boxd/steps/host.ts";

/** How long a program has after INT, and then after TERM, as GitHub's runner gives it (actions/runner ProcessInvoker.cs). */
const INT_GRACE_MS = 7_500;
const TERM_GRACE_MS = 2_500;
/** Output of what a step left running is read so long after the step's own end (actions/runner waits five seconds). */
const DRAIN_MS = 5_000;
/** FIFOs made ahead by the first `mkfifo`, for most jobs are short; by each further one; and how many are left when the next are made. */
const FIRST_FIFOS = 12;
const MORE_FIFOS = 48;
const FIFOS_LEFT = 6;
/** Rounds of ending what is left: a process may start another one between two looks. */
const SWEEPS = 20;
/** What RUNNER_TRACKING_ID begins with. */
const MARK = "crabbox_";

export type Programs = {
  /** Runs a program to its end in a process group of its own; ends it on its own signal or its timeout. */
  run(program: Program): Promise<ProgramEnd>;
  /** Ends whatever the programs left running; no more can be run. Safe to repeat. */
  sweep(): void;
};

/**
 * Runs programs of a job on this machine. They inherit no descriptor but their output, a FIFO, so that `> /dev/stderr` works and both
 * streams keep their order.
 */
export function createPrograms(dir: string): Programs {
  const fifos = aheadOf(dir);
  const marker = `${MARK}${randomUUID()}`;
  return {
    async run(program) {
      const fifo = await fifos.take();
      return runOne(program, fifo, marker);
    },
    sweep() {
      fifos.close();
      endAll((environment) => environment.includes(marker));
    },
  };
}

/** Ends programs of a run that was killed: `dir` was its directory. Safe to repeat. */
export function endRunsPrograms(dir: string): void {
  endAll(
    (environment) =>
      environment.includes(`RUNNER_TRACKING_ID=${MARK}`) && environment.includes(`RUNNER_TEMP=${dir}/`),
  );
}

function endAll(isMeant: (environment: string) => boolean): void {
  for (let round = 0; round < SWEEPS; round += 1) {
    const left = readdirSync("/proc")
      .filter((name) => /^\d+$/u.test(name))
      .map(Number)
      .filter((pid) => pid !== process.pid && isMeant(environmentOf(pid)));
    if (left.length === 0) return;
    for (const pid of left) signal(pid, "SIGKILL");
  }
}

/** FIFOs that are there before they are needed: `mkfifo` runs while something else does. */
function aheadOf(dir: string): { take(): Promise<Fifo>; close(): void } {
  const ready: Fifo[] = [];
  let isClosed = false;
  let coming: Promise<void> | null = null;
  let count = FIRST_FIFOS;
  const close = (): void => {
    isClosed = true;
    for (const { readFd, writeFd } of ready.splice(0)) {
      closeSync(readFd);
      closeSync(writeFd);
    }
  };
  const more = async (): Promise<void> => {
    try {
      ready.push(...(await makeFifosAhead(dir, count)));
      count = MORE_FIFOS;
      if (isClosed) close();
    } finally {
      coming = null;
    }
  };
  const refill = (): Promise<void> => {
    coming ??= more();
    // Whoever takes one hears of what went wrong.
    coming.catch(() => undefined);
    return coming;
  };
  void refill();
  return {
    async take() {
      for (;;) {
        const fifo = ready.pop();
        if (ready.length < FIFOS_LEFT && !isClosed) void refill();
        if (fifo !== undefined) return fifo;
        if (isClosed) throw new Error("no program can be run any more");
        await refill();
      }
    },
    close,
  };
}

async function runOne(program: Program, fifo: Fifo, marker: string): Promise<ProgramEnd> {
  const [file = "", ...args] = program.argv;
  const reader = readFifo(fifo, program.onOutput);
  const child = spawn(file, args, {
    cwd: program.cwd,
    // The name that GitHub's runner uses: tools that daemonise on purpose know to clear it.
    env: { ...program.env, RUNNER_TRACKING_ID: marker },
    detached: true,
    stdio: ["ignore", fifo.writeFd, fifo.writeFd],
  });
  closeWriteEnd(fifo);
  const timers: NodeJS.Timeout[] = [];
  let timedOut = false;
  const group = (name: NodeJS.Signals): void => {
    if (child.pid !== undefined) signal(-child.pid, name);
  };
  const end = (): void => {
    if (timers.length > 1) return;
    group("SIGINT");
    timers.push(
      setTimeout(() => group("SIGTERM"), INT_GRACE_MS),
      setTimeout(() => group("SIGKILL"), INT_GRACE_MS + TERM_GRACE_MS),
    );
  };
  program.signal?.addEventListener("abort", end, { once: true });
  if (program.signal?.aborted === true) end();
  if (program.timeoutMs !== undefined)
    timers.push(
      setTimeout(() => {
        timedOut = true;
        end();
      }, program.timeoutMs),
    );
  const ended = await new Promise<ProgramEnd>((resolve) => {
    child.once("error", (error: NodeJS.ErrnoException) => resolve({ error: error.code ?? error.message }));
    child.once("exit", (code, name) => resolve(name === null ? { code: code ?? 0 } : { signal: name }));
  });
  program.signal?.removeEventListener("abort", end);
  for (const timer of timers) clearTimeout(timer);
  await Promise.race([reader.ended, new Promise((resolve) => setTimeout(resolve, DRAIN_MS).unref())]);
  reader.destroy();
  return timedOut ? { ...ended, timedOut } : ended;
}

function environmentOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, "latin1");
  } catch {
    // Gone, or another user's: none of this job's.
    return "";
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // Gone already.
  }
}
