import type { CheckRun, Pull } from "../model.ts";
import { html } from "./markup.ts";
import type { Html } from "./markup.ts";

const SHORT_SHA = 7;
const MARKS: Record<string, readonly [sign: string, tone: string, words: string]> = {
  queued: ["○", "wait", "Queued"],
  in_progress: ["◐", "wait", "In progress"],
  success: ["✓", "good", "Success"],
  failure: ["✕", "bad", "Failure"],
  timed_out: ["✕", "bad", "Timed out"],
  action_required: ["!", "wait", "Action required"],
  cancelled: ["⊘", "calm", "Cancelled"],
  neutral: ["■", "calm", "Neutral"],
  skipped: ["⊘", "calm", "Skipped"],
  stale: ["⊘", "calm", "Stale"],
};

/** A moment, the same text whenever it is looked at. */
export function moment(at: string): Html {
  const [day = "", time = ""] = at.split("T");
  return html`<time datetime="${at}">${day} ${time.slice(0, 5)} UTC</time>`;
}

/** Where a check stands: a sign for the eye, words for everybody. */
export function checkMark(run: CheckRun): Html {
  const { sign, tone, words } = standOf(run);
  return html`<span class="mark ${tone}" aria-hidden="true">${sign}</span><span class="sr">${words}: </span>`;
}

/** Sign, tone and words for where a check stands. */
export function standOf(run: CheckRun): { sign: string; tone: string; words: string } {
  const key = run.conclusion ?? run.status;
  const [sign, tone, words] = MARKS[key] ?? ["■", "calm", key];
  return { sign, tone, words };
}

/** Open, closed or merged. */
export function statePill(pull: Pull): Html {
  const state = pull.mergedAt !== undefined ? "merged" : pull.state;
  const words = state === "open" && pull.draft ? "draft" : state;
  return html`<span class="pill ${words}">${words.slice(0, 1).toUpperCase() + words.slice(1)}</span>`;
}

/** A commit by its first letters, leading to what it changes. */
export function shaLink(repositoryName: string, sha: string): Html {
  return html`<a class="sha" href="/${repositoryName}/commit/${sha}"
    ><code>${sha.slice(0, SHORT_SHA)}</code></a
  >`;
}

/** "1 check", "2 checks". */
export function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}
