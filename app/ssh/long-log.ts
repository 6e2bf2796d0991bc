import { Worker } from "node:worker_threads";

import { AppError } from "../errors.ts";

import type { BoxAddress } from "../../providers/provider.ts";
import type { FrontEnd, FrontTask } from "./front.ts";
import type { LongLogAnswer, LongLogOrder, LongLogWord } from "./long-log-thread.ts";
import type { FollowSink } from "./stream.ts";

/** Where a batch lies while it is written: one of 1 MiB (stream.ts) and what comes on top of it; longer ones go in parts. */
const MEMORY_BYTES = 2 * 1024 * 1024;
/**
 * MiB. The thread's heap holds ssh2, zod and one batch: about 20 MiB. The young one is small, so that packets are freed soon
 * after they were read and not by a walk through everything.
 */
const HEAP = { maxOldGenerationSizeMb: 96, maxYoungGenerationSizeMb: 4 };

/**
 * Reads the stream of `command` (a front of task `task.id`) over a connection and in a thread of its own, so that decrypting a
 * gigabyte holds up nobody else. Promises and throws what `readFront` does, and what `connect` throws; a thread that dies is a
 * lost link. `address` has its host key pinned.
 */
export async function readLongLog(
  address: BoxAddress,
  command: string,
  task: FrontTask,
  sink: Pick<FollowSink, "append" | "event">,
  signal: AbortSignal,
): Promise<FrontEnd> {
  signal.throwIfAborted();
  const memory = new SharedArrayBuffer(MEMORY_BYTES);
  const order: LongLogOrder = { address, command, task, memory };
  const thread = new Worker(new URL("long-log-thread.ts", import.meta.url), {
    workerData: order,
    resourceLimits: HEAP,
  });
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  const tell = (answer: LongLogAnswer) => thread.postMessage(answer);
  const letGo = () => tell("stop");
  signal.addEventListener("abort", letGo, { once: true });
  let offset = task.offset;
  const { promise, resolve, reject } = Promise.withResolvers<FrontEnd>();
  // One after the other, as they were said: an event comes after the bytes it is in.
  let turn = Promise.resolve();
  const hear = async (word: LongLogWord): Promise<void> => {
    switch (word.say) {
      case "append":
        await sink.append([Buffer.from(memory, 0, word.sizeBytes)], word.journalOffset);
        offset = word.journalOffset + word.sizeBytes;
        tell("stored");
        return;
      case "event":
        await sink.event(word.event, word.ms);
        return;
      case "end":
        resolve(word.end);
        return;
      case "error":
        reject(new AppError(word.code, word.message, word.hint));
    }
  };
  thread.on("message", (word: LongLogWord) => {
    turn = turn.then(() => hear(word)).catch(reject);
  });
  thread.once("error", () => undefined);
  const ended = () => resolve({ kind: "lost", reason: "the thread that read the log ended", offset });
  thread.once("exit", () => void turn.then(ended));
  try {
    const end = await promise;
    signal.throwIfAborted();
    return end;
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener("abort", letGo);
    await thread.terminate();
  }
}
