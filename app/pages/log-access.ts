import type { Artifacts } from "../artifacts/artifacts.ts";
import type { Clock } from "../clock.ts";
import { AppError } from "../errors.ts";
import type { AttemptId, RunId } from "../ids.ts";
import type { Renderer } from "../render.ts";
import type { Artifact } from "../store/artifact-rows.ts";
import type { Attempt, Run } from "../store/rows.ts";
import type { Store } from "../store/store.ts";

/** What a log and a run's state are read from. */
export type LogDeps = {
  readonly store: {
    readonly runs: Pick<Store["runs"], "get" | "position">;
    readonly attempts: Pick<Store["attempts"], "ofRun">;
    readonly leases: Pick<Store["leases"], "get">;
    readonly repositories: Pick<Store["repositories"], "get">;
  };
  /** At most `maxBytes` of the App's copy of an attempt's journal from `offset`; empty at its end or when there is none. */
  readonly logs: { read(attemptId: AttemptId, offset: number, maxBytes: number): Promise<Buffer> };
  /** Calls back when the log grew; answers how to stop. */
  readonly onLog: (attemptId: AttemptId, listener: () => void) => () => void;
  /** Calls back when the run or its attempts changed; answers how to stop. */
  readonly onRun: (runId: RunId, listener: () => void) => () => void;
  readonly clock: Clock;
  /** `url`: where one is served, for somebody who may read the run. */
  readonly artifacts: Pick<Artifacts, "get" | "ofRun"> & { url(artifact: Artifact): string };
};

/** What the log pages use, no more. */
export type LogPagesDeps = LogDeps & {
  readonly store: { readonly logLinks: Pick<Store["logLinks"], "resolve"> };
  readonly render: Pick<Renderer, "logPage" | "errorPage">;
  /** GitHub's web base, for the link to the commit. */
  readonly webUrl: string;
  /** The address of a run's own page, where people log in; null where the link is all there is. */
  readonly runPage: ((run: Run) => string) | null;
};

/** 32 bytes in base64url are 43 characters; anything much else is nobody's token. */
const TOKEN = /^[A-Za-z0-9_-]{16,128}$/u;

/** The run behind a link; throws `not_found` when the link is unknown or expired, which nobody can tell apart. */
export async function runOfLink(deps: Pick<LogPagesDeps, "store" | "clock">, token: string): Promise<Run> {
  const runId = TOKEN.test(token) ? await deps.store.logLinks.resolve(token, deps.clock.now()) : null;
  const run = runId === null ? null : await deps.store.runs.get(runId);
  if (run !== null) return run;
  throw new AppError(
    "not_found",
    "This log link is not valid, or it has expired.",
    "Open the check run on GitHub for a current link, or run the command again.",
  );
}

/** The attempt of that number, the newest when none is named; null when the run has none yet. Throws for a number there is not. */
export async function attemptOf(
  deps: Pick<LogDeps, "store">,
  run: Run,
  n: number | undefined,
): Promise<Attempt | null> {
  const attempts = await deps.store.attempts.ofRun(run.id);
  if (n === undefined) return attempts.at(-1) ?? null;
  const found = attempts.find((attempt) => attempt.n === n);
  if (found !== undefined) return found;
  throw new AppError("not_found", `This run has no attempt ${n}.`, "Reload the page.");
}
