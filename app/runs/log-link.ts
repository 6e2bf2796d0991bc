import { createHmac } from "node:crypto";
import type { Clock } from "../clock.ts";
import type { RunId } from "../ids.ts";
import type { LogLinks } from "../store/log-links.ts";

/** Unguessable, expiring links to a run's log. The token is derived, so that every later report prints the same link. */
export type LogLinker = {
  /** Makes the run's link valid from now on; safe to repeat. */
  issue(runId: RunId): Promise<void>;
  url(runId: RunId): string;
};

export type LogLinkerDeps = {
  readonly store: { readonly logLinks: LogLinks };
  readonly clock: Clock;
  /** 32 random bytes kept in the state dir; who has them can make every link. */
  readonly key: Buffer;
  readonly publicUrl: string;
  readonly ttlMs: number;
  /** People log in: what is linked is the run's own page, and no new secret link is made. */
  readonly hasRunPages: boolean;
};

/** Makes the log links of runs from the state directory's key; the same run gets the same link. */
export function createLogLinker(deps: LogLinkerDeps): LogLinker {
  const base = deps.publicUrl.replace(/\/$/u, "");
  if (deps.hasRunPages) return { issue: async () => {}, url: (runId) => `${base}/runs/${runId}` };
  const token = (runId: RunId) => createHmac("sha256", deps.key).update(`log:${runId}`).digest("base64url");
  return {
    issue: (runId) => deps.store.logLinks.put(token(runId), runId, deps.clock.now() + deps.ttlMs),
    url: (runId) => `${base}/logs/${token(runId)}`,
  };
}
