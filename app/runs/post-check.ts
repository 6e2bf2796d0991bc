import { createHash } from "node:crypto";
import { z } from "zod";
import type { Artifacts } from "../artifacts/artifacts.ts";
import type { Clock } from "../clock.ts";
import type { Changes } from "../github/changes.ts";
import type { CheckContent } from "../github/check-content.ts";
import type { CheckRuns } from "../github/check-runs.ts";
import type { RepositoryRef } from "../github/hub.ts";
import type { Outside } from "../github/outside.ts";
import type { LogTail } from "../journal/tail.ts";
import type { Renderer } from "../render.ts";
import type { Attempt, Repository, Run, RunOptions } from "../store/rows.ts";
import type { Store } from "../store/store.ts";
import { buttonsOf } from "./buttons.ts";
import { postAnnotations } from "./post-annotations.ts";
import { checkRunView } from "./report-view.ts";

export type PostCheckDeps = {
  readonly store: Pick<Store, "runs" | "repositories" | "attempts" | "leases" | "boxes" | "outside">;
  readonly checkRuns: CheckRuns;
  readonly changes: Pick<Changes, "files">;
  readonly render: Pick<Renderer, "checkRun" | "checkRunText">;
  readonly outside: Outside;
  readonly clock: Clock;
  readonly artifacts: Pick<Artifacts, "ofRun">;
  readonly where: (repository: Repository) => Promise<RepositoryRef>;
  readonly logTail: (attempt: Attempt) => Promise<LogTail | null>;
  readonly logUrl: (run: Run) => string;
  readonly notice: (run: Run) => string | null;
  readonly defaults: RunOptions;
  readonly webUrl: string;
  /** How long the button keeps a box. */
  readonly keepMs: number;
};

const Posted = z.object({ id: z.number() });

/**
 * Shows a run's present state in its check run: created once (found again by its external id after a crash), then updated; what is
 * shown already is not sent again. Safe to repeat. Fails with `github_gone` when repository or installation are not ours any more.
 */
export async function postCheck(deps: PostCheckDeps, run: Run, signal: AbortSignal): Promise<void> {
  const repository = await deps.store.repositories.get(run.repositoryId);
  if (repository === null) return;
  const where = await deps.where(repository);
  const attempts = await deps.store.attempts.ofRun(run.id);
  const content = await contentOf(deps, run, repository, attempts);
  const sent = createHash("sha256").update(JSON.stringify(content)).digest("hex");
  const pace = {
    priority: content.status === "completed" ? ("result" as const) : ("progress" as const),
    signal,
  };
  const identity = { name: run.checkName, headSha: run.headSha, externalId: run.id };
  const key = `check:${run.id}`;
  const { value, created } = await deps.outside.ensure({
    key,
    result: Posted,
    sent,
    signal,
    find: () => deps.checkRuns.findByExternalId(where, identity),
    create: () => deps.checkRuns.create(where, { ...identity, ...content }, pace),
  });
  if (!created && (await deps.store.outside.get(key))?.sent !== sent) {
    const updated = await deps.checkRuns.update(where, value.id, content, pace);
    if (updated.kind === "written") await deps.store.outside.done(key, { id: value.id }, sent);
  }
  const attempt = attempts.at(-1);
  if (content.status !== "completed" || attempt === undefined) return;
  await postAnnotations(deps, { run, attempt, where, checkRunId: value.id, output: content.output }, signal);
}

async function contentOf(
  deps: PostCheckDeps,
  run: Run,
  repository: Repository,
  attempts: readonly Attempt[],
): Promise<CheckContent> {
  const attempt = attempts.at(-1);
  const [held] =
    attempt === undefined ? await deps.store.leases.live({ holder: { kind: "run", key: run.id } }) : [];
  const lease = attempt === undefined ? (held ?? null) : await deps.store.leases.get(attempt.leaseId);
  const box = lease === null ? null : await deps.store.boxes.ofLease(lease.id);
  const position = run.state === "queued" ? await deps.store.runs.position(run.id) : null;
  const view = checkRunView({
    run,
    repository,
    attempts,
    lease,
    box,
    position,
    logTail: attempt === undefined ? null : await deps.logTail(attempt),
    notice: deps.notice(run),
    defaults: deps.defaults,
    links: { web: deps.webUrl, log: deps.logUrl(run) },
    // Before the end there is nothing to read of them, and they would make each progress another text.
    artifacts: run.outcome === null ? [] : await deps.artifacts.ofRun(run.id),
    now: deps.clock.now(),
  });
  return {
    status: view.status,
    ...(view.conclusion === null ? {} : { conclusion: view.conclusion }),
    detailsUrl: deps.logUrl(run),
    ...(run.startedAt === null ? {} : { startedAt: run.startedAt }),
    ...(view.conclusion === null || run.endedAt === null ? {} : { completedAt: run.endedAt }),
    output: { title: view.title, summary: deps.render.checkRun(view), text: deps.render.checkRunText(view) },
    // Always named, also when there are none: GitHub leaves buttons of before alone.
    actions: buttonsOf({ run, lease, keepMs: deps.keepMs }),
  };
}
