import type { OutsideCalls } from "../store/outside-calls.ts";
import type { RedeliverDeps } from "./redeliver.ts";

const KEY = "deliveries:looked-until";

/** Keeps the time of the last whole look among the outside calls, since reading GitHub's log is one. */
export function createLookedUntil(outside: Pick<OutsideCalls, "get" | "done">): RedeliverDeps["lookedUntil"] {
  return {
    async read() {
      const result = (await outside.get(KEY))?.result;
      return typeof result === "number" ? result : null;
    },
    write: (at) => outside.done(KEY, at, ""),
  };
}
