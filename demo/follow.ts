import { setTimeout as sleep } from "node:timers/promises";
import type { CheckRunView } from "./github/control/contract.ts";
import type { Control } from "./github/control.ts";
import { costOf } from "./read-report.ts";
import { readFacts, readLog } from "./run-facts.ts";
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
          following.push(follow(deps, begun, stop.signal).catch(fault));
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

async function follow(deps: FollowDeps, followed: Followed, signal: AbortSignal): Promise<void> {
  let next = 0;
  for (;;) {
    tellTitle(deps, followed);
    const { check } = followed;
    const facts = check.status === "completed" ? await readFacts(check) : null;
    const isDone = facts?.state === "done";
    // Asked after the facts: when those say done, what follows is the whole log.
    for (let more = true; more;) {
      const before = next;
      next = await tellRows(deps, check, next, isDone);
      more = next > before;
    }
    if (facts !== null && isDone) {
      followed.finished = await ending(deps, check, facts);
      deps.teller.finished(followed.finished);
      return;
    }
    await sleep(POLL_MS, undefined, { signal });
  }
}

/** Tells the rows from `from` on; answers the first one not told. The last one may still grow, so it waits for the end. */
async function tellRows(
  deps: FollowDeps,
  check: CheckRunView,
  from: number,
  isDone: boolean,
): Promise<number> {
  const log = await readLog(check, from);
  if (log === null) return from;
  const rows = log.rows.filter((row) => isDone || row.n < log.total - 1);
  const run = check.externalId ?? "";
  let text = "";
  for (const row of rows) {
    if (row.k === "out") {
      text +=
        row.cut === undefined
          ? `${row.s}\n`
          : `${row.s} [… the line has ${row.cut} bytes; see the live log]\n`;
      continue;
    }
    if (text !== "") deps.teller.log(run, text);
    text = "";
    deps.teller.tell("mark", row.s, { run });
  }
  if (text !== "") deps.teller.log(run, text);
  return (rows.at(-1)?.n ?? from - 1) + 1;
}

function tellTitle({ teller, githubUrl, repo }: FollowDeps, followed: Followed): void {
  const { check } = followed;
  const title = check.output.title ?? check.status;
  if (title === followed.title || check.status === "completed") return;
  const isFirst = followed.title === "";
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
