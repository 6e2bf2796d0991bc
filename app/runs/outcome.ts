/** What GitHub shows for a finished check. */
export type Conclusion =
  | "success"
  | "failure"
  | "neutral"
  | "cancelled"
  | "skipped"
  | "timed_out"
  | "action_required";

type OutcomeRow = {
  readonly conclusion: Conclusion;
  /** The check's title; what is specific stands in the summary. */
  readonly title: string;
  /** What the reader does next. */
  readonly next: string;
};

/**
 * Every way a run can end, closed; each with how GitHub shows it and what to do. The only place that decides a conclusion.
 */
export const OUTCOMES = {
  succeeded: { conclusion: "success", title: "Succeeded", next: "Nothing to do." },
  failed: {
    conclusion: "failure",
    title: "The command failed",
    next: "Read the end of the log, mend the code and push, or comment `/crabbox retry`.",
  },
  timed_out: {
    conclusion: "timed_out",
    title: "Stopped at its time limit",
    next: "Run it again with a longer `--timeout`, or make the command faster.",
  },
  cancelled: {
    conclusion: "cancelled",
    title: "Cancelled",
    next: "Comment `/crabbox retry` to run it again.",
  },
  superseded: {
    conclusion: "cancelled",
    title: "Superseded by a newer commit",
    next: "Look at the run of the newer commit.",
  },
  skipped: { conclusion: "skipped", title: "Skipped", next: "Nothing to do." },
  refused: {
    conclusion: "action_required",
    title: "Not allowed to run",
    next: "The reason below says who may and how.",
  },
  expired: {
    conclusion: "neutral",
    title: "Too old to run",
    next: "Comment the command again if it is still wanted.",
  },
  sync_failed: {
    conclusion: "failure",
    title: "The commit could not be brought to the box",
    next: "The reason below says what to change; then comment `/crabbox retry`.",
  },
  hydrate_failed: {
    conclusion: "failure",
    title: "A set-up step failed",
    next: "Mend the workflow on the base branch, or what the step ran into; then comment `/crabbox retry`.",
  },
  box_lost: {
    conclusion: "failure",
    title: "The box was lost while the command ran",
    next: "The command may have had effects, so it was not repeated by itself. Comment `/crabbox retry` to run it again.",
  },
  no_capacity: {
    conclusion: "neutral",
    title: "No box became free in time",
    next: "Comment `/crabbox retry` later, or ask an operator for more capacity.",
  },
  over_cap: {
    conclusion: "action_required",
    title: "A cost cap would be crossed",
    next: "Ask an operator to raise the cap, or use a smaller class or a shorter `--ttl`.",
  },
  internal: {
    conclusion: "failure",
    title: "The App failed",
    next: "Comment `/crabbox retry`; if it fails again, an operator finds the cause in the App's log under this run's id.",
  },
} as const satisfies Record<string, OutcomeRow>;

export type Outcome = keyof typeof OUTCOMES;
