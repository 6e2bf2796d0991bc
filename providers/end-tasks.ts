import { z } from "zod";

/** What of boxd's `status` matters for ending: the box is not believed, only asked. */
const statusSchema = z.object({
  tasks: z.array(z.object({ id: z.string().regex(/^[a-z0-9_]{4,64}$/), state: z.string() })).max(10_000),
});

/** boxd gives TERM 10 s, then ends by force and verifies; twice that is more than it needs. */
const END_TIMEOUT_MS = 40_000;
const POLL_MS = 250;

/** Runs `boxd ARGS` on the box with `stdin`; null when boxd is not there or does not answer. */
export type RunBoxd = (args: readonly string[], stdin: string) => Promise<string | null>;

type Waiting = { now(): number; sleep(ms: number, signal?: AbortSignal): Promise<void> };

/**
 * Ends every task of a box by boxd's own means: cancels what runs, waits, settles what lost its supervisor. Answers
 * the ids it could not bring to an end; a box without boxd has none. Safe to repeat.
 */
export async function endTasks(
  run: RunBoxd,
  clock: Waiting,
  signal?: AbortSignal,
): Promise<readonly string[]> {
  const deadline = clock.now() + END_TIMEOUT_MS;
  const cancelled = new Set<string>();
  for (;;) {
    const open = await openTasks(run);
    if (open.length === 0) return [];
    if (clock.now() > deadline) return open.map(({ id }) => id);
    for (const { id, state } of open) {
      if (state === "lost" || state === "stillborn") await run(["settle", id], "");
      else if (!cancelled.has(id)) {
        // Once: the supervisor takes it from here, and the first reason counts.
        await run(["cancel", id], `${JSON.stringify({ by: "end of the box" })}\n`);
        cancelled.add(id);
      }
    }
    await clock.sleep(POLL_MS, signal);
  }
}

async function openTasks(run: RunBoxd): Promise<readonly { id: string; state: string }[]> {
  const answer = await run(["status"], "");
  if (answer === null) return [];
  return parseStatus(answer).tasks.filter(({ state }) => state !== "done" && state !== "absent");
}

function parseStatus(text: string): z.output<typeof statusSchema> {
  try {
    return statusSchema.parse(JSON.parse(text));
  } catch {
    // A boxd that talks nonsense knows of no task we could end through it; the caller looks at processes, too.
    return { tasks: [] };
  }
}
