import { shortLine } from "../../clamp.ts";
import { commandSummary } from "../../runs/report-commands.ts";
import { OUTCOMES } from "../../runs/outcome.ts";
import type { RunLine } from "../../render/site-views.ts";
import type { Repository, Run } from "../../store/rows.ts";
import { toneOf } from "../run-status.ts";
import type { SiteDeps } from "./deps.ts";
import { sightOf, type Visitor } from "./visitor.ts";
import { timeView } from "./words.ts";

/** One page of any list. */
export const PAGE_ROWS = 25;
/** Repositories that GitHub is asked about for one page, at most, and at once. */
const LOOKED_AT_MAX = 100;
const AT_ONCE = 10;
const COMMAND_BYTES = 120;
const SHORT_SHA = 7;

const STATES: Readonly<Record<Run["state"], string>> = {
  held: "waiting for an approval",
  queued: "queued",
  leasing: "getting a box",
  running: "running",
  reporting: "reporting",
  done: "done",
};

/** Up to a page of repositories that the visitor may see, from the `from`th on; `next` is where the next page begins. */
export async function repositoriesOf(
  deps: SiteDeps,
  visitor: Visitor,
  from: number,
): Promise<{ readonly repositories: readonly Repository[]; readonly next: number | null }> {
  const owners = visitor.isAdmin ? null : deps.accounts;
  const found: Repository[] = [];
  for (let at = from; at < from + LOOKED_AT_MAX;) {
    const some = await deps.store.looks.repositories(owners, { from: at, limit: AT_ONCE });
    const seen = await Promise.all(
      some.map(async (one) => visitor.isAdmin || (await sightOf(deps, visitor, one)).maySee),
    );
    for (const [index, one] of some.entries()) {
      if (seen[index] !== true) continue;
      found.push(one);
      if (found.length === PAGE_ROWS) return { repositories: found, next: at + index + 1 };
    }
    at += some.length;
    if (some.length < AT_ONCE) return { repositories: found, next: null };
  }
  return { repositories: found, next: from + LOOKED_AT_MAX };
}

/** A run as a row of a list. */
export function runLine(root: string, repository: Repository, run: Run, now: number): RunLine {
  const slug = `${repository.owner}/${repository.name}`;
  const { pullRequest: pull } = run;
  return {
    href: `${root}/runs/${run.id}`,
    command: shortLine(commandSummary(run), COMMAND_BYTES),
    tone: toneOf(run),
    state: run.outcome === null ? STATES[run.state] : OUTCOMES[run.outcome].title,
    repository: slug,
    repositoryHref: repositoryHref(root, repository),
    pull: pull === null ? "" : `#${pull}`,
    pullHref: pull === null ? "" : `${repositoryHref(root, repository)}/pull/${pull}`,
    actor: run.actor,
    shortSha: run.checkoutSha.slice(0, SHORT_SHA),
    branch: shortLine(run.headRef, COMMAND_BYTES),
    at: timeView(run.endedAt ?? run.startedAt ?? run.createdAt, now),
  };
}

/** Our own page of a repository. */
export function repositoryHref(root: string, { owner, name }: Repository): string {
  return `${root}/repos/${encodeURIComponent(owner)}/${encodeURIComponent(name)}`;
}

/** One page of what was asked for one row too many, and where the next begins. */
export function pageOf<T>(
  rows: readonly T[],
  from: number,
): { readonly rows: readonly T[]; readonly next: number | null } {
  return { rows: rows.slice(0, PAGE_ROWS), next: rows.length > PAGE_ROWS ? from + PAGE_ROWS : null };
}
