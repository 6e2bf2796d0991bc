import type { Provider } from "../../providers/provider.ts";
import type { Task, TaskEvent, TaskExit } from "../../runner-bootstrap/boxd/task.ts";
import type { Clock } from "../clock.ts";
import { AppError } from "../errors.ts";
import type { Log } from "../log.ts";
import type { Attempt, Box, Run } from "../store/rows.ts";
import type { LogStore } from "../store/logs.ts";
import type { Store } from "../store/store.ts";
import { isGone, neverSent, NOT_STARTED, OURS, UNUSABLE } from "./box-faults.ts";
import type { BlobTraffic } from "./blob-traffic.ts";
import type { BoxLinks } from "./box-links.ts";
import { keepProgress } from "./keep-progress.ts";
import type { LogHub, RunHub } from "./log-hub.ts";
import { sendArchives, type OpenArchive } from "./send-archives.ts";
import { createStepToken, type StepsGet, type StepToken } from "./step-token.ts";
import { createTaskToken, type TaskToken } from "./task-token.ts";
import { tellCancel } from "./tell-cancel.ts";

/** The App only backs up boxd's own deadline: this much later the box counts as lost. */
const DEADLINE_GRACE_MS = 120_000;
/** Pauses between attempts to reach a box; the last repeats. */
const RECONNECT_PAUSES_MS = [100, 500, 1_000, 2_000, 5_000, 10_000] as const;
/** A box that nobody has reached for so long since its task was planned is given up for another one. */
const NEVER_REACHED_MS = 180_000;
/** After this long without a link the check says so (box-runner, part 8). */
const SAY_UNREACHABLE_AFTER_MS = 60_000;
export type ExecuteDeps = {
  readonly store: Pick<Store, "attempts" | "runs" | "boxes">;
  readonly logs: Pick<LogStore, "append" | "sync">;
  readonly links: BoxLinks;
  readonly clock: Clock;
  readonly log: Log;
  readonly logHub: LogHub;
  readonly runHub: RunHub;
  readonly archive: OpenArchive;
  readonly traffic: (input: ExecuteInput) => BlobTraffic;
  /** Shown in the running check; null takes it back. */
  readonly notice: (runId: Run["id"], text: string | null) => void;
  readonly syncDone: (token: string) => void;
};

export type ExecuteInput = Partial<StepsGet> & {
  readonly run: Run;
  readonly attempt: Attempt;
  readonly box: Box;
  readonly provider: Provider;
  readonly task: Omit<Task, "secrets" | "syncToken">;
  /** Null when an unauthenticated fetch is right. */
  readonly token: string | null;
  /** Mints the next one, for a sync that outlives it. */
  readonly newToken: () => Promise<string | null>;
  /** True when an earlier process may have sent it already. */
  readonly resumed: boolean;
};

export type Execution =
  | { readonly kind: "exit"; readonly exit: TaskExit }
  /** The box is gone, or was not to be reached until well after the deadline. `sent`: the command may have run. */
  | { readonly kind: "lost"; readonly message: string; readonly sent: boolean };

/**
 * Sends the task (or attaches to it) and follows its journal until it ends, through any number of lost connections. The App's copy
 * of the log only ever grows by what the box's journal has next. Aborting `drain` lets go; the task lives on. Throws what the store
 * throws for good.
 */
export async function executeTask(
  deps: ExecuteDeps,
  input: ExecuteInput,
  signals: { readonly drain: AbortSignal; readonly cancelled: AbortSignal },
): Promise<Execution> {
  const token = createTaskToken(deps, input.token, input.newToken);
  const steps = createStepToken(input, deps.syncDone);
  const traffic = deps.traffic(input);
  try {
    const execution = await follow(deps, input, signals, { token, steps, traffic });
    // Over without a sync or a set-up that ended: nobody needs the tokens any more.
    token.done();
    steps.done();
    if (execution.kind === "exit") await traffic.done(signals);
    return execution;
  } finally {
    traffic.close();
  }
}

/** What goes with one task. */
type Beside = {
  readonly token: TaskToken;
  readonly steps: StepToken;
  readonly traffic: BlobTraffic;
};

async function follow(
  deps: ExecuteDeps,
  input: ExecuteInput,
  signals: { readonly drain: AbortSignal; readonly cancelled: AbortSignal },
  { token, steps, traffic }: Beside,
): Promise<Execution> {
  const { attempt, box, task } = input;
  const progress = keepProgress(deps, attempt);
  let sent = input.resumed;
  let settleFirst = input.resumed;
  let failures = 0;
  const begunAt = deps.clock.now();
  let lastContact = begunAt;
  // Not the copy's length: a process that was killed may have left half a frame behind it.
  let offset = input.resumed ? attempt.logBytes : 0;

  const sink = {
    async append(buffers: readonly Buffer[], journalOffset: number) {
      await deps.logs.append(attempt.id, journalOffset, buffers);
      offset = journalOffset + buffers.reduce((sum, buffer) => sum + buffer.length, 0);
      progress.from(journalOffset);
      lastContact = deps.clock.now();
      deps.logHub.publish(attempt.id);
    },
    event(event: TaskEvent, atMs: number) {
      const ended = event.e === "phase" && event.at === "end" ? event.name : null;
      if (ended === "sync") token.done();
      if (ended === "hydrate" || ended === "execute") steps.done();
      progress.event(event, atMs);
      traffic.event(event);
    },
  };

  for (;;) {
    signals.drain.throwIfAborted();
    const contactBefore = lastContact;
    const sentBefore = sent;
    let isOurs = false;
    if (signals.cancelled.aborted && !sent) return { kind: "exit", exit: neverSent(deps.clock) };
    try {
      const link = await deps.links.get(box, signals.drain);
      deps.notice(input.run.id, null);
      const state = settleFirst ? await link.settle(task.id) : "absent";
      // An earlier process may have died before the box had them all.
      if (state === "absent") await sendArchives(deps.archive, link, task);
      sent = true;
      const stopTelling = tellCancel(deps, link, task.id, input.run, signals.cancelled);
      const stopSupply = token.supply(link, task.id, settleFirst);
      const syncToken = token.value();
      const tokens = syncToken === null ? {} : { syncToken };
      deps.log.debug({ run: input.run.id, attempt: attempt.id, offset }, "a task is sent");
      const result = await link
        .start({ ...task, ...steps.parts(), ...tokens }, offset, sink, signals.drain)
        .finally(stopTelling)
        .finally(stopSupply);
      if ("end" in result) {
        await progress.kept();
        await deps.logs.sync(attempt.id);
        return { kind: "exit", exit: result.end };
      }
      deps.log.info(
        { run: input.run.id, attempt: attempt.id, reason: result.lost },
        "the link to a task was lost",
      );
    } catch (thrown) {
      signals.drain.throwIfAborted();
      if (!(thrown instanceof AppError)) throw thrown;
      if (UNUSABLE.has(thrown.code)) {
        await progress.kept();
        if (!sentBefore && NOT_STARTED.has(thrown.code)) sent = false;
        return { kind: "lost", message: thrown.message, sent };
      }
      if (thrown.status === 500) throw thrown;
      isOurs = OURS.has(thrown.code);
      deps.log.info({ err: thrown, run: input.run.id, attempt: attempt.id }, "a task could not be followed");
    }
    settleFirst = sent;
    await deps.links.drop(box.id);
    const gone = !isOurs && (await isGone(deps.log, input.provider, input.box));
    const late = !isOurs && deps.clock.now() > task.deadlineAt + DEADLINE_GRACE_MS;
    if (!sent && !isOurs && deps.clock.now() - begunAt > NEVER_REACHED_MS) {
      return { kind: "lost", message: "The box could not be reached at all.", sent };
    }
    if (gone || late) {
      await progress.kept();
      return {
        kind: "lost",
        message: gone
          ? "The provider has no such box any more."
          : "No contact with the box until after its deadline.",
        sent,
      };
    }
    if (!isOurs && deps.clock.now() - lastContact > SAY_UNREACHABLE_AFTER_MS) {
      deps.notice(
        input.run.id,
        `The box cannot be reached since ${new Date(lastContact).toISOString()}; the task goes on there.`,
      );
    }
    // A link that brought something was a good one: only those that bring nothing make the next wait longer.
    if (lastContact > contactBefore) failures = 0;
    await deps.clock.sleep(
      RECONNECT_PAUSES_MS[Math.min(failures, RECONNECT_PAUSES_MS.length - 1)] ?? 0,
      signals.drain,
    );
    failures += 1;
  }
}
