// The thread that reads one long log, see long-log.ts. A heap of its own: V8 walks the whole heap for every few dozen MiB of
// decrypted packets, which is little here and much where the App lives.
import { parentPort, workerData } from "node:worker_threads";

import { createSystemClock } from "../clock.ts";
import { toAppError } from "../errors.ts";
import { connect } from "./connect.ts";
import { readFront } from "./front.ts";

import type { BoxAddress } from "../../providers/provider.ts";
import type { TaskEvent } from "../../runner-bootstrap/boxd/task.ts";
import type { ErrorCode } from "../errors.ts";
import type { FrontEnd, FrontTask } from "./front.ts";

/** What the thread is started with. `memory`: where a batch lies while the App writes it. */
export type LongLogOrder = {
  readonly address: BoxAddress;
  readonly command: string;
  readonly task: FrontTask;
  readonly memory: SharedArrayBuffer;
};

/** What it says. Each append waits for `stored`; the last word is `end` or `error`. */
export type LongLogWord =
  | { readonly say: "append"; readonly sizeBytes: number; readonly journalOffset: number }
  | { readonly say: "event"; readonly event: TaskEvent; readonly ms: number }
  | { readonly say: "end"; readonly end: FrontEnd }
  | { readonly say: "error"; readonly code: ErrorCode; readonly message: string; readonly hint: string };

/** What it is told: the append is in the store, or let go. */
export type LongLogAnswer = "stored" | "stop";

if (parentPort !== null) await read(parentPort, workerData as LongLogOrder);

async function read(port: NonNullable<typeof parentPort>, order: LongLogOrder): Promise<void> {
  const memory = Buffer.from(order.memory);
  const stop = new AbortController();
  let stored = (): void => undefined;
  const say = (word: LongLogWord) => port.postMessage(word);
  port.on("message", (answer: LongLogAnswer) => {
    if (answer === "stored") stored();
    else stop.abort();
  });
  const hand = async (sizeBytes: number, journalOffset: number): Promise<void> => {
    const done = new Promise<void>((resolve) => (stored = resolve));
    say({ say: "append", sizeBytes, journalOffset });
    await done;
  };
  try {
    const clock = createSystemClock();
    const connection = await connect({ clock }, order.address, stop.signal);
    try {
      const exec = await connection.exec(order.command, { signal: stop.signal });
      const sink = {
        async append(bytes: readonly Buffer[], journalOffset: number) {
          let size = 0;
          let offset = journalOffset;
          for (const one of bytes) {
            // Whole frames only: a piece is never cut, and is smaller than the memory.
            if (size + one.length > memory.length) {
              await hand(size, offset);
              offset += size;
              size = 0;
            }
            size += one.copy(memory, size);
          }
          await hand(size, offset);
        },
        event: (event: TaskEvent, ms: number) => say({ say: "event", event, ms }),
      };
      say({ say: "end", end: await readFront(exec, order.task, sink, () => clock.now(), stop.signal) });
    } finally {
      connection.close();
    }
  } catch (error) {
    const { code, message, hint } = toAppError(error);
    say({ say: "error", code, message, hint });
  } finally {
    port.close();
  }
}
