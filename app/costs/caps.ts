import type { Run } from "../store/rows.ts";
import type { Cap } from "../store/ledger-book.ts";
import { monthStart } from "./price.ts";

/** The caps of one run: its account's, and its actor's own when there is one (bots). Both count from the start of the month, UTC. */
export function capsOf(
  run: Pick<Run, "actor" | "options">,
  accountMicroUsd: number | null,
  now: number,
): readonly Cap[] {
  const since = monthStart(now);
  const own = run.options.actorCapMicroUsd;
  return [
    ...(accountMicroUsd === null ? [] : [{ microUsd: accountMicroUsd, since }]),
    ...(own === undefined ? [] : [{ microUsd: own, since, member: run.actor }]),
  ];
}
