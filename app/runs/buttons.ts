import { formatDuration, writeDuration } from "../duration.ts";
import type { CheckContent } from "../github/check-content.ts";
import { heldFor } from "../leases/lease.ts";
import type { Lease, Run } from "../store/rows.ts";

/** What decides which buttons a check has, and what they say. */
export type ButtonFacts = {
  readonly run: Run;
  /** Of its last attempt, or the one being got. */
  readonly lease: Lease | null;
  /** How long the button keeps a box. */
  readonly keepMs: number;
};

type Button = {
  /** GitHub sends it back when somebody presses; 20 characters. Never reused for another meaning. */
  readonly identifier: string;
  /** 20 characters. */
  readonly label: (facts: ButtonFacts) => string;
  /** 40 characters. */
  readonly description: string;
  readonly isShown: (facts: ButtonFacts) => boolean;
  /** The command it stands for, as a person would comment it. Null: it has no meaning for this run. */
  readonly command: (facts: ButtonFacts) => string | null;
  /** A press does its work once for a run, however many people press; else each press counts, and its command settles it. */
  readonly isOnce: boolean;
};

/** GitHub's own limit. */
const MAX_BUTTONS = 3;

/** Every button there is: a command written out beforehand. A check shows the first three that fit its run's state. */
const BUTTONS: readonly Button[] = [
  {
    identifier: "approve",
    label: () => "Approve and run",
    description: "I have read this commit; run it",
    isShown: ({ run }) => run.state === "held" && run.cancel === null,
    command: ({ run }) => `approve ${run.headSha}`,
    isOnce: false,
  },
  {
    identifier: "cancel",
    label: () => "Cancel",
    description: "End this run; its box stays warm",
    isShown: ({ run }) => !hasEnded(run) && run.cancel === null,
    command: ({ run }) => `cancel ${run.id}`,
    isOnce: true,
  },
  {
    identifier: "retry",
    label: () => "Retry",
    description: "Same command, same commit, once more",
    isShown: ({ run }) => hasEnded(run),
    command: ({ run }) => `retry ${run.id}`,
    isOnce: true,
  },
  {
    identifier: "keep",
    label: ({ keepMs }) => `Keep box ${formatDuration(keepMs)}`,
    description: "Hold the warm box for the next run",
    isShown: ({ run, lease }) => hasEnded(run) && lease?.state === "active" && isWarmFor(run, lease),
    command: ({ lease, keepMs }) => (lease === null ? null : `keep ${lease.id} ${writeDuration(keepMs)}`),
    isOnce: false,
  },
];

/** The buttons of a run's check as it is now. Empty for a run without a pull request: there is nowhere to answer. */
export function buttonsOf(facts: ButtonFacts): NonNullable<CheckContent["actions"]> {
  if (facts.run.pullRequest === null) return [];
  return BUTTONS.filter((button) => button.isShown(facts))
    .slice(0, MAX_BUTTONS)
    .map(({ identifier, label, description }) => ({ identifier, label: label(facts), description }));
}

/** The command behind a button, without `/crabbox`; null when there is none of that name, or when it means nothing for this run. */
export function commandOf(
  identifier: string,
  facts: ButtonFacts,
): { readonly command: string; readonly isOnce: boolean } | null {
  const button = BUTTONS.find((one) => one.identifier === identifier);
  const command = button?.command(facts) ?? null;
  return button === undefined || command === null ? null : { command, isOnce: button.isOnce };
}

function hasEnded(run: Run): boolean {
  return run.state === "reporting" || run.state === "done";
}

function isWarmFor(run: Run, lease: Lease): boolean {
  const pull = heldFor(lease.holder);
  return pull?.repositoryId === run.repositoryId && pull.pullRequest === run.pullRequest;
}
