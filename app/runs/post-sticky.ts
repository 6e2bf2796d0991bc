import { createHash } from "node:crypto";
import { z } from "zod";
import type { Clock } from "../clock.ts";
import { AppError } from "../errors.ts";
import type { Comments } from "../github/comments.ts";
import type { RepositoryRef } from "../github/hub.ts";
import type { Outside } from "../github/outside.ts";
import { pullRequestHolder } from "../leases/lease.ts";
import { STICKY_MARKER, type Renderer } from "../render.ts";
import type { Repository, Run } from "../store/rows.ts";
import type { Store } from "../store/store.ts";
import { STICKY_RUNS_LISTED, STICKY_RUNS_READ, stickyView, type StickyInput } from "./sticky-view.ts";

const ANSWERS_READ = 3;

export type PostStickyDeps = {
  readonly store: Pick<Store, "runs" | "repositories" | "attempts" | "leases" | "answers" | "outside">;
  readonly comments: Comments;
  readonly render: Pick<Renderer, "sticky">;
  readonly outside: Outside;
  readonly clock: Clock;
  readonly where: (repository: Repository) => Promise<RepositoryRef>;
  readonly logUrl: (run: Run) => string;
  readonly webUrl: string;
};

const BY_ITSELF: ReadonlySet<Run["source"]> = new Set(["push", "label"]);
const UNLISTED = { attempt: null, lease: null, position: null, checkUrl: null, logUrl: null };

const Posted = z.object({ id: z.number(), deleted: z.boolean().optional() });
/** Comments made anew for one pull request; who deletes more of them wants none. */
const MAX_GENERATIONS = 10;

/**
 * Shows a pull request's present state in its one comment: made once (found again by its marker), then edited; what is shown already is
 * not sent again. One that somebody deleted is made anew at the next news, under a key of its own. Where GitHub shows us nothing any
 * more there is nobody to tell. Safe to repeat.
 */
export async function postSticky(
  deps: PostStickyDeps,
  repositoryId: number,
  pullRequest: number,
  signal: AbortSignal,
): Promise<void> {
  const repository = await deps.store.repositories.get(repositoryId);
  if (repository === null) return;
  try {
    await show(deps, repository, pullRequest, signal);
  } catch (thrown) {
    if (!isGone(thrown)) throw thrown;
  }
}

async function show(
  deps: PostStickyDeps,
  repository: Repository,
  pullRequest: number,
  signal: AbortSignal,
): Promise<void> {
  const where = await deps.where(repository);
  const input = await inputOf(deps, repository, pullRequest);
  const body = deps.render.sticky(stickyView(input));
  const sent = createHash("sha256").update(body).digest("hex");
  const key = await keyOf(deps, `sticky:${repository.id}:${pullRequest}`);
  if (key === null) return;
  // Nobody asked for anything here: the checks of automatic runs say it all, a comment would only be noise.
  const isAsked = input.answers.length > 0 || input.runs.some(({ run }) => !BY_ITSELF.has(run.source));
  if (!isAsked && (await deps.store.outside.get(key)) === null) return;
  const pace = { priority: "progress" as const, signal };
  const { value, created } = await deps.outside.ensure({
    key,
    result: Posted,
    sent,
    signal,
    find: () => deps.comments.findOurs(where, pullRequest, STICKY_MARKER),
    create: () => deps.comments.create(where, pullRequest, body, pace),
  });
  if (created || (await deps.store.outside.get(key))?.sent === sent) return;
  try {
    const updated = await deps.comments.update(where, value.id, body, pace);
    if (updated.kind === "written") await deps.store.outside.done(key, { id: value.id }, sent);
  } catch (thrown) {
    // Deleted, or all of the repository is hidden from us: then this look throws the same.
    if (!isGone(thrown) || (await deps.comments.findOurs(where, pullRequest, STICKY_MARKER, signal)) !== null)
      throw thrown;
    await deps.store.outside.done(key, { id: value.id, deleted: true }, "");
    await show(deps, repository, pullRequest, signal);
  }
}

function isGone(thrown: unknown): boolean {
  return thrown instanceof AppError && thrown.code === "github_gone";
}

/** The key of the comment that is there or will be: behind those that were deleted. Null when there were too many. */
async function keyOf(deps: PostStickyDeps, first: string): Promise<string | null> {
  for (let generation = 1; generation <= MAX_GENERATIONS; generation += 1) {
    const key = generation === 1 ? first : `${first}:${generation}`;
    const known = Posted.safeParse((await deps.store.outside.get(key))?.result);
    if (known.data?.deleted !== true) return key;
  }
  return null;
}

async function inputOf(
  deps: PostStickyDeps,
  repository: Repository,
  pullRequest: number,
): Promise<StickyInput> {
  const [runs, answers, leases] = await Promise.all([
    deps.store.runs.ofPullRequest(repository.id, pullRequest, STICKY_RUNS_READ),
    deps.store.answers.latest(repository.id, pullRequest, ANSWERS_READ),
    deps.store.leases.live({ holder: pullRequestHolder(repository.id, pullRequest) }),
  ]);
  const web = deps.webUrl.replace(/\/$/u, "");
  return {
    repository,
    answers,
    leases,
    web: deps.webUrl,
    now: deps.clock.now(),
    runs: await Promise.all(
      runs.map(async (run, at) => {
        // Counted only: a long queue's places are not asked for what nobody sees.
        if (at >= STICKY_RUNS_LISTED) return Object.assign({ run }, UNLISTED);
        const attempt = (await deps.store.attempts.ofRun(run.id)).at(-1) ?? null;
        const check = Posted.safeParse((await deps.store.outside.get(`check:${run.id}`))?.result);
        return {
          run,
          attempt,
          lease: attempt === null ? null : await deps.store.leases.get(attempt.leaseId),
          position: run.state === "queued" ? await deps.store.runs.position(run.id) : null,
          checkUrl: check.success
            ? `${web}/${repository.owner}/${repository.name}/runs/${check.data.id}`
            : null,
          logUrl: deps.logUrl(run),
        };
      }),
    ),
  };
}
