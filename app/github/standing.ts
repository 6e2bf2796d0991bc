import type { Clock } from "../clock.ts";
import type { Caller } from "./call.ts";
import type { Failure } from "./failures.ts";
import type { Log } from "./octokit.ts";

/** How the App stands with GitHub, from the calls it makes anyway. */
export type Standing = {
  /** GitHub answers the App's own signature with 401: nothing can be done until an operator mends it. */
  credentialsRefused(): boolean;
  /** Milliseconds since the first of the tries that GitHub left without an answer; 0 when the last one had one. */
  unansweredMs(): number;
};

/** What of a try says how the App stands. */
type Seen = { readonly as: Caller["as"]; readonly outcome: "ok" | Failure["kind"] };

/** One 401 may be a hiccup of GitHub's; so many in a row are its answer. */
const REFUSALS = 2;
/** A deployment of GitHub's or a reboot of a router is over by then. */
const SAY_UNANSWERED_AFTER_MS = 60_000;

/** Follows every try of a call; what begins and what ends is one line of the log each. */
export function createStanding(deps: {
  readonly clock: Pick<Clock, "now">;
  readonly log: Log;
}): Standing & { seen(seen: Seen): void } {
  let refusals = 0;
  let unansweredSince: number | null = null;
  let isSaid = false;

  function credentials({ as, outcome }: Seen): void {
    if (as !== "app") return;
    if (outcome === "unauthorized") {
      refusals += 1;
      if (refusals === REFUSALS) {
        const hint = "Check APP_ID, the private key and this machine's clock.";
        deps.log.error({ hint }, "GitHub refuses the App's credentials");
      }
    } else if (outcome === "ok") {
      if (refusals >= REFUSALS) deps.log.info({}, "GitHub accepts the App's credentials again");
      refusals = 0;
    }
  }

  function answers({ outcome }: Seen): void {
    const now = deps.clock.now();
    if (outcome === "unsent" || outcome === "unclear") {
      unansweredSince ??= now;
      if (isSaid || now - unansweredSince < SAY_UNANSWERED_AFTER_MS) return;
      isSaid = true;
      deps.log.warn({ since: new Date(unansweredSince).toISOString() }, "GitHub does not answer");
      return;
    }
    if (isSaid) deps.log.info({ ms: now - (unansweredSince ?? now) }, "GitHub answers again");
    unansweredSince = null;
    isSaid = false;
  }

  return {
    credentialsRefused: () => refusals >= REFUSALS,
    unansweredMs: () => (unansweredSince === null ? 0 : deps.clock.now() - unansweredSince),
    seen(seen) {
      credentials(seen);
      answers(seen);
    },
  };
}
