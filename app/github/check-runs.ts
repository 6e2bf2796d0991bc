import { z } from "zod";
import { read } from "./call.ts";
import { as, pacedCreate, pacedWrite } from "./hub.ts";
import type { Created, Hub, Pace, RepositoryRef } from "./hub.ts";
import type { Paced } from "./pacer.ts";

const checkRunSchema = z
  .object({
    id: z.number(),
    html_url: z.string().nullable(),
    external_id: z.string().nullish(),
    status: z.string(),
    conclusion: z.string().nullable(),
  })
  .transform((reply) => ({
    id: reply.id,
    htmlUrl: reply.html_url,
    externalId: reply.external_id ?? null,
    status: reply.status,
    conclusion: reply.conclusion,
  }));

export type CheckRun = Readonly<z.infer<typeof checkRunSchema>>;

export type CheckConclusion =
  | "action_required"
  | "cancelled"
  | "failure"
  | "neutral"
  | "success"
  | "skipped"
  | "timed_out";

/** What a check shows. The caller keeps GitHub's limits: summary and text 65,535 bytes each, three actions. */
export type CheckContent = {
  readonly status: "queued" | "in_progress" | "completed";
  /** With `completed` only. */
  readonly conclusion?: CheckConclusion;
  readonly detailsUrl?: string;
  /** Epoch ms. */
  readonly startedAt?: number;
  /** Epoch ms. */
  readonly completedAt?: number;
  readonly output: {
    readonly title: string;
    readonly summary: string;
    readonly text?: string;
    /** At most 50 a call; an update adds, it never replaces. */
    readonly annotations?: readonly CheckAnnotation[];
  };
  readonly actions?: readonly {
    readonly label: string;
    readonly description: string;
    readonly identifier: string;
  }[];
};

/** A remark on one line of a file. Plain text; GitHub allows 64 KB of message and 255 characters of title. */
export type CheckAnnotation = {
  readonly path: string;
  /** Counts from 1. */
  readonly line: number;
  readonly column: number;
  readonly title: string;
  readonly message: string;
};

export type CheckRuns = {
  create(
    repository: RepositoryRef,
    check: CheckContent & { readonly name: string; readonly headSha: string; readonly externalId: string },
    pace: Pace,
  ): Promise<Created<CheckRun>>;
  /** Only the newest waiting content is sent. */
  update(
    repository: RepositoryRef,
    checkRunId: number,
    content: CheckContent,
    pace: Pace,
  ): Promise<Paced<CheckRun>>;
  /** This App's check run of that commit, name and external id; null when there is none. */
  findByExternalId(
    repository: RepositoryRef,
    check: { readonly name: string; readonly headSha: string; readonly externalId: string },
    signal?: AbortSignal,
  ): Promise<CheckRun | null>;
};

/** GitHub's page size limit. */
const PAGE_SIZE = 100;
/** GitHub keeps 1,000 check runs of a name in a suite. */
const MAX_PAGES = 10;

const listSchema = z.object({ check_runs: z.array(checkRunSchema) });

/** Check runs over GitHub's API; failures are thrown as call.ts sorts them. */
export function createCheckRuns(hub: Hub): CheckRuns {
  return {
    create: (repository, check, pace) =>
      pacedCreate(hub, { repository, content: true }, pace, {
        what: "create check run",
        reply: checkRunSchema,
        send: (rest, options) =>
          rest.checks.create({
            owner: repository.owner,
            repo: repository.name,
            name: check.name,
            head_sha: check.headSha,
            external_id: check.externalId,
            ...bodyOf(check),
            ...options,
          }),
      }),
    update: (repository, checkRunId, content, pace) =>
      pacedWrite(hub, { repository, key: `check:${checkRunId}`, content: false }, pace, {
        what: "update check run",
        reply: checkRunSchema,
        send: (rest, options) =>
          rest.checks.update({
            owner: repository.owner,
            repo: repository.name,
            check_run_id: checkRunId,
            ...bodyOf(content),
            ...options,
          }),
      }),
    async findByExternalId(repository, check, signal) {
      for (let page = 1; page <= MAX_PAGES; page += 1) {
        const { check_runs: found } = await read(hub.calls, {
          what: "list check runs",
          ...as(repository.installationId),
          reply: listSchema,
          signal,
          send: (rest, options) =>
            rest.checks.listForRef({
              owner: repository.owner,
              repo: repository.name,
              ref: check.headSha,
              check_name: check.name,
              app_id: hub.appId,
              filter: "all",
              per_page: PAGE_SIZE,
              page,
              ...options,
            }),
        });
        const ours = found.find((run) => run.externalId === check.externalId);
        if (ours !== undefined) return ours;
        if (found.length < PAGE_SIZE) return null;
      }
      return null;
    },
  };
}

function outputOf({ annotations, ...output }: CheckContent["output"]) {
  if (annotations === undefined) return output;
  return {
    ...output,
    annotations: annotations.map(({ path, line, column, title, message }) => ({
      path,
      start_line: line,
      end_line: line,
      start_column: column,
      end_column: column,
      annotation_level: "failure" as const,
      title,
      message,
    })),
  };
}

function bodyOf(content: CheckContent) {
  return {
    status: content.status,
    output: outputOf(content.output),
    ...(content.conclusion === undefined ? {} : { conclusion: content.conclusion }),
    ...(content.detailsUrl === undefined ? {} : { details_url: content.detailsUrl }),
    ...(content.startedAt === undefined ? {} : { started_at: new Date(content.startedAt).toISOString() }),
    ...(content.completedAt === undefined
      ? {}
      : { completed_at: new Date(content.completedAt).toISOString() }),
    ...(content.actions === undefined ? {} : { actions: content.actions.map((action) => ({ ...action })) }),
  };
}
