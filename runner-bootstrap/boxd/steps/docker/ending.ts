/** Ending a program in a container: killing the docker client alone would leave it running. */

import { setTimeout as sleep } from "node:timers/promises";

import type { ProgramEnd } from "../host.ts";
import { eitherOf } from "../../either-of.ts";

export type Ending = {
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** Sends a signal to the program in its container; resolves when it was tried. */
  readonly send: (signal: "INT" | "TERM" | "KILL") => Promise<void>;
};

/** Grace after each signal, as actions/runner ProcessInvoker.cs gives a step: 7.5 s after SIGINT, 2.5 s after SIGTERM. */
const LADDER = [
  ["INT", 7_500],
  ["TERM", 2_500],
  ["KILL", 2_000],
] as const;

/**
 * Runs a docker client whose program ends by the ladder on a timeout or `signal`; the client itself is ended last. What is left in
 * the container is killed too when the client came to an ill end of its own.
 */
export async function endedInside(
  run: (client: AbortSignal) => Promise<ProgramEnd>,
  how: Ending,
): Promise<ProgramEnd> {
  const client = new AbortController();
  const over = new AbortController();
  const timeout = how.timeoutMs === undefined ? null : AbortSignal.timeout(how.timeoutMs);
  const why = eitherOf([timeout, how.signal].filter((signal) => signal !== undefined && signal !== null));
  const ladders: Promise<void>[] = [];
  const climb = (): void => {
    ladders.push(descend(how, over.signal).then(() => client.abort()));
  };
  if (why.aborted) climb();
  else why.addEventListener("abort", climb, { once: true });
  try {
    const end = await run(client.signal);
    const isIll = end.signal !== undefined || end.error !== undefined || end.timedOut === true;
    if (why.aborted || isIll) await how.send("KILL");
    return timeout?.aborted === true && how.signal?.aborted !== true ? { ...end, timedOut: true } : end;
  } finally {
    over.abort();
    why.removeEventListener("abort", climb);
    await Promise.all(ladders);
  }
}

async function descend(how: Ending, over: AbortSignal): Promise<void> {
  for (const [signal, graceMs] of LADDER) {
    if (over.aborted) return;
    await how.send(signal);
    // Ended meanwhile: the loop sees it.
    await sleep(graceMs, undefined, { signal: over }).catch(() => null);
  }
}
