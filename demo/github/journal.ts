import type { RequestEntry, Violation } from "./journal-rows.ts";
import type { Tables } from "./store/tables.ts";

/** What was asked of us, and what broke the contract. */
export type Journal = {
  request: (entry: Omit<RequestEntry, "seq">) => void;
  requests: () => readonly RequestEntry[];
  clearRequests: () => void;
  violation: (kind: Violation["kind"], subject: string, detail: string) => void;
};

const REQUESTS_KEPT = 200_000;
const DETAIL_LIMIT = 2_000;

/** Keeps the last requests in memory, and violations in the store. */
export function createJournal(tables: Tables, say: (line: string) => void): Journal {
  let entries: RequestEntry[] = [];
  let seq = 0;
  return {
    request: (entry) => {
      seq += 1;
      entries.push({ seq, ...entry });
      if (entries.length > REQUESTS_KEPT * 1.1) entries = entries.slice(-REQUESTS_KEPT);
    },
    requests: () => entries,
    clearRequests: () => {
      entries = [];
    },
    violation: (kind, subject, detail) => {
      const text = detail.slice(0, DETAIL_LIMIT);
      tables.violations.put({
        id: tables.nextId("violation"),
        kind,
        subject,
        detail: text,
        at: new Date().toISOString(),
      });
      say(`${kind}: ${subject}: ${text}`);
    },
  };
}
