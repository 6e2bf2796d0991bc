/** States of a run; `held` waits for an approval, everything else moves by itself. */
export const RUN_STATES = ["held", "queued", "leasing", "running", "reporting", "done"] as const;
export type RunState = (typeof RUN_STATES)[number];

/**
 * Legal changes of a run. `leasing -> queued`: capacity was full after all. `running -> leasing`: the box was lost before the
 * command started, so a second attempt gets another box (law 5). Every state can end early by a decision, through `reporting`.
 */
export const RUN_CHANGES: Readonly<Record<RunState, readonly RunState[]>> = {
  held: ["queued", "reporting"],
  queued: ["leasing", "reporting"],
  leasing: ["running", "queued", "reporting"],
  running: ["leasing", "reporting"],
  reporting: ["done"],
  done: [],
};

/** Where a run came from. Later: dispatch, api. */
export const RUN_SOURCES = ["comment", "button", "rerun", "push", "label"] as const;
export type RunSource = (typeof RUN_SOURCES)[number];

/** Of the runs of one check and pull request at most `max` are at work; a new one waits for older ones, or ends them. */
export type RunGroup = { readonly mode: "queue" | "cancel-previous"; readonly max: number };

/** An attempt's states, in the order of its life. */
export const ATTEMPT_STATES = ["starting", "running", "ended"] as const;
export type AttemptState = (typeof ATTEMPT_STATES)[number];

/** `starting -> ended`: the task never began, or was found dead before it did. */
export const ATTEMPT_CHANGES: Readonly<Record<AttemptState, readonly AttemptState[]>> = {
  starting: ["running", "ended"],
  running: ["ended"],
  ended: [],
};
