import { setTimeout as sleep } from "node:timers/promises";
import type { CheckRunView } from "./github/control/contract.ts";
import { createLogFollower } from "./follow-log.ts";
import type { Control } from "./github/control.ts";
import { createReader } from "./log-in.ts";
import type { Reader } from "./log-in.ts";
import { WRITER } from "./pull-request.ts";
import { costOf } from "./read-report.ts";
import { readFacts } from "./run-facts.ts";
import type { RunFacts } from "./run-facts.ts";
import type { Finished, Teller } from "./teller.ts";

export type FollowDeps = {
  readonly control: Control;
  /** Where pages of the offline GitHub begin. */
  readonly githubUrl: string;
  readonly repo: string;
  readonly teller: Teller;
  /** Check runs up to this one are old stories. */
  readonly afterCheck: number;
  readonly onFault: (error: unknown) => void;
};

/** Watches every check run of the repository from its beginning to its end, and tells of it. */
export type Follower = {
  /** All since the beginning, by id. */
  checks(): readonly CheckRunView[];
  /** How a check run ended; null while it has not. */
  finished(checkId: number): Finished | null;
  stop(): Promise<void>;
};

const POLL_MS = 150;

type Followed = { check: CheckRunView; title: string; finished: Finished | null };

/** Begins to watch at once. */
export function startFollower(deps: FollowDeps): Follower {
  const stop = new AbortController();
  const reader = createReader(deps.control, WRITER);
  const known = new Map<number, Followed>();
  const following: Promise<void>[] = [];
  const fault = (error: unknown): void => {
    if (!stop.signal.aborted) deps.onFault(error);
  };
  const watching = (async () => {
    while (!stop.signal.aborted) {
      for (const check of await deps.control.listCheckRuns({ repo: deps.repo })) {
        if (check.id <= deps.afterCheck) continue;
        const followed = known.get(check.id);
        if (followed === undefined) {
          const begun: Followed = { check, title: "", finished: null };
          known.set(check.id, begun);
          following.push(follow(deps, reader, begun, stop.signal).catch(fault));
        } else followed.check = check;
      }
      await sleep(POLL_MS, undefined, { signal: stop.signal });
    }
  })().catch(fault);
  return {
    checks: () => [...known.values()].map(({ check }) => check).sort((a, b) => a.id - b.id),
    finished: (id) => known.get(id)?.finished ?? null,
    async stop() {
      stop.abort();
      await Promise.all([watching, ...following]);
    },
  };
}

async function follow(
  deps: FollowDeps,
  reader: Reader,
  followed: Followed,
  signal: AbortSignal,
): Promise<void> {
  const followLog = createLogFollower(deps.teller, reader);
  for (;;) {
    tellTitle(deps, followed);
    const { check } = followed;
    const facts = await readFacts(reader, check);
    // Asked after the facts: when those say done, what is there is the whole log.
    await followLog(check, facts);
    if (facts?.state === "done" && check.status === "completed") {
      followed.finished = await ending(deps, check, facts);
      deps.teller.finished(followed.finished);
      return;
    }
    await sleep(POLL_MS, undefined, { signal });
  }
}

function tellTitle({ teller, githubUrl, repo }: FollowDeps, followed: Followed): void {
  const { check } = followed;
  const title = check.output.title ?? check.status;
  const isFirst = followed.title === "";
  // How it ended is told with all the rest at the end.
  if (title === followed.title || (check.status === "completed" && !isFirst)) return;
  followed.title = title;
  const links = { url: `${githubUrl}/${repo}/runs/${check.id}`, log: check.detailsUrl };
  teller.tell("run", `${check.name}: ${title}`, { run: check.externalId, ...(isFirst ? links : {}) });
}

async function ending(deps: FollowDeps, check: CheckRunView, facts: RunFacts): Promise<Finished> {
  const asApi = await deps.control.checkRunAsApi({ checkRunId: check.id });
  return {
    check,
    runId: facts.run,
    outcome: facts.outcome ?? "unknown",
    facts,
    cost: costOf(check.output.summary ?? ""),
    asApi,
    checkUrl: `${deps.githubUrl}/${deps.repo}/runs/${check.id}`,
  };
}
