import { AppError } from "../errors.ts";
import { FRONT_EXIT } from "../../runner-bootstrap/boxd/task.ts";
import { streamJournal } from "./stream.ts";

import type { TaskExit } from "../../runner-bootstrap/boxd/task.ts";
import type { SshExec } from "./exec.ts";
import type { FollowSink } from "./stream.ts";

/** Four missed beats of 15 s: the front is stuck though its connection stands. */
const SILENCE_MS = 60_000;

/** A packed log may be this many times as long as what came over the connection: opening it is a tenth of decrypting it. */
const UNPACKED_TIMES = 4;

/** How reading one front's stream ended. */
export type FrontEnd =
  | { readonly kind: "end"; readonly exit: TaskExit }
  /** Attach again from `offset`. */
  | { readonly kind: "lost"; readonly reason: string; readonly offset: number }
  /** `limitBytes` came: the caller goes on over another connection. */
  | { readonly kind: "long"; readonly offset: number }
  | { readonly kind: "not_installed" };

export type FrontTask = {
  readonly id: string;
  readonly offset: number;
  readonly maxBytes: number;
  /** Bytes off the connection after which a stream counts as long; infinite on one of its own. */
  readonly limitBytes: number;
};

/**
 * Reads the stream of `start` or `follow` into the sink until the task ends, the link is lost or the stream gets long.
 * Throws box_lied, task_refused, box_full, task_unknown (the box does not know the task), the sink's errors, and the
 * signal's reason.
 */
export async function readFront(
  exec: SshExec,
  task: FrontTask,
  sink: FollowSink,
  now: () => number,
  signal: AbortSignal,
): Promise<FrontEnd> {
  let isLong = false;
  const counting: FollowSink = {
    ...(sink.output === undefined ? {} : { output: (payload, step, ms) => sink.output?.(payload, step, ms) }),
    append: async (bytes, offset) => {
      await sink.append(bytes, offset);
      const isShort =
        stream.wireBytes < task.limitBytes && stream.offset - task.offset < task.limitBytes * UNPACKED_TIMES;
      if (isShort || isLong) return;
      isLong = true;
      // Cut at a frame: what is not whole yet is asked for again.
      letGo();
    },
    event: (event, ms) => sink.event(event, ms),
  };
  const stream = streamJournal(exec.stdout, task, counting, now);
  const letGo = () => {
    exec.close();
    stream.stop();
  };
  const watchdog = setInterval(() => {
    if (now() - stream.lastByteAt > SILENCE_MS && !exec.stdout.isPaused()) letGo();
  }, SILENCE_MS / 4);
  signal.addEventListener("abort", letGo, { once: true });
  try {
    await stream.done;
    signal.throwIfAborted();
    const { end, offset } = stream;
    if (end !== null) return { kind: "end", exit: end };
    if (isLong) return { kind: "long", offset };
    return whyEnded(exec, await exec.exit, offset);
  } finally {
    clearInterval(watchdog);
    signal.removeEventListener("abort", letGo);
    exec.close();
  }
}

function whyEnded(exec: SshExec, exit: Awaited<SshExec["exit"]>, offset: number): FrontEnd {
  if (exit.kind !== "code") {
    return {
      kind: "lost",
      reason: exit.kind === "lost" ? "the connection ended" : `the front died of ${exit.signal}`,
      offset,
    };
  }
  const said = exec.stderr().trim();
  switch (exit.code) {
    case FRONT_EXIT.notInstalled:
      return { kind: "not_installed" };
    case FRONT_EXIT.refused:
      throw new AppError(
        "task_refused",
        `The box refused the task: ${said}`,
        "This is a fault of the App: report it with the run's id.",
      );
    case FRONT_EXIT.diskFull:
      throw new AppError(
        "box_full",
        "The box has no space for the task.",
        "Free space on the box, or use one with a larger disk.",
      );
    case FRONT_EXIT.notThere:
      throw new AppError(
        "task_unknown",
        "The box does not know the task any more.",
        "Its disk was lost or wiped: the task cannot be followed.",
      );
    default:
      return { kind: "lost", reason: `the front ended with ${exit.code}`, offset };
  }
}
