import type { AttemptId } from "../ids.ts";
import type { ReadJournal } from "../journal/frames.ts";
import { createLineIndex } from "../journal/line-index.ts";
import type { LineIndex } from "../journal/line-index.ts";

/** An attempt's log with its index. */
export type IndexedLog = { readonly read: ReadJournal; readonly index: LineIndex };

/** Each index takes about 2 MiB at the most; one that was let go is built again in a second. */
const MAX_INDEXES = 64;

/** The indexes of the logs that were looked at last, one a log, shared by all who look. */
export function createIndexes(
  read: (attemptId: AttemptId, offset: number, maxBytes: number) => Promise<Buffer>,
): (attemptId: AttemptId) => IndexedLog {
  const logs = new Map<AttemptId, IndexedLog>();
  return (attemptId) => {
    const known = logs.get(attemptId);
    const readOne: ReadJournal = (offset, maxBytes) => read(attemptId, offset, maxBytes);
    const log = known ?? { read: readOne, index: createLineIndex(readOne) };
    logs.delete(attemptId);
    logs.set(attemptId, log);
    const [oldest] = logs.keys();
    if (logs.size > MAX_INDEXES && oldest !== undefined) logs.delete(oldest);
    return log;
  };
}
