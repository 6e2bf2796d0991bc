import type { CheckRunView } from "./github/control/contract.ts";
import type { Json } from "./github/model.ts";
import type { RunFacts } from "./run-facts.ts";

/** What kind of thing is told; the terminal shows each its own way. */
export type Told =
  | "chapter"
  | "note"
  | "comment"
  | "act"
  | "reaction"
  | "answer"
  | "run"
  | "mark"
  | "look"
  | "proof"
  | "problem"
  | "ready"
  | "end";

export type Finished = {
  readonly check: CheckRunView;
  readonly runId: string;
  readonly outcome: string;
  /** As `GET /repos/{owner}/{repo}/check-runs/{id}` answers it. */
  readonly asApi: Json;
  readonly facts: RunFacts;
  /** As the check run's summary says it, such as `$0.00`; null when it says none. */
  readonly cost: string | null;
  readonly checkUrl: string;
};

/** Tells what happens, to people or to a program. */
export type Teller = {
  tell(kind: Told, text: string, data?: Readonly<Record<string, unknown>>): void;
  /** A piece of a run's output, as the box sent it. */
  log(runId: string, text: string): void;
  finished(run: Finished): void;
};
