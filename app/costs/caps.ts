import type { Cap } from "../store/ledger-book.ts";
import { monthStart } from "./price.ts";

/** Whose money: a run's actor, or a member who asks for a box. */
export type CapsOwner = {
  readonly actor: string;
  /** The actor's own monthly cap; absent for people. */
  readonly capMicroUsd?: number;
};

/** The caps of one spending: its account's, and its actor's own when there is one (bots). Both count from the start of the month, UTC. */
export function capsOf(owner: CapsOwner, accountMicroUsd: number | null, now: number): readonly Cap[] {
  const since = monthStart(now);
  const own = owner.capMicroUsd;
  return [
    ...(accountMicroUsd === null ? [] : [{ microUsd: accountMicroUsd, since }]),
    ...(own === undefined ? [] : [{ microUsd: own, since, member: owner.actor }]),
  ];
}
