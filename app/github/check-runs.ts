import { z } from "zod";
import { read } from "./call.ts";
import { as, pacedCreate, pacedWrite } from "./hub.ts";
import type { Created, Hub, Pace, RepositoryRef } from "./hub.ts";
import { bodyOf, outputOf } from "./check-content.ts";
import type { CheckContent } from "./check-content.ts";
import type { Paced } from "./pacer.ts";

const checkRunSchema = z
  .object({
    id: z.number(),
    html_url: z.string().nullable(),
    external_id: z.string().nullish(),
    status: z.string(),
    conclusion: z.string().nullable(),
    output: z.object({ annotations_count: z.number() }),
  })
  .transform((reply) => ({
    id: reply.id,
    htmlUrl: reply.html_url,
    externalId: reply.external_id ?? null,
    status: reply.status,
    conclusion: reply.conclusion,
    annotations: reply.output.annotations_count,
  }));

export type CheckRun = Readonly<z.infer<typeof checkRunSchema>>;

export type CheckRuns = {
  create(
    repository: RepositoryRef,
    check: CheckContent & { readonly name: string; readonly headSha: string; readonly externalId: string },
    pace: Pace,
  ): Promise<Created<CheckRun>>;
  /** Adds annotations, at most 50; the rest of the content is said again with them. Once only: GitHub never takes one away. */
  annotate(
    repository: RepositoryRef,
    checkRunId: number,
    output: CheckContent["output"],
    pace: Pace,
  ): Promise<Created<CheckRun>>;
  get(repository: RepositoryRef, checkRunId: number, signal?: AbortSignal): Promise<CheckRun>;
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
    annotate: (repository, checkRunId, output, pace) =>
      pacedCreate(hub, { repository, content: false }, pace, {
        what: "annotate check run",
        reply: checkRunSchema,
        send: (rest, options) =>
          rest.checks.update({
            owner: repository.owner,
            repo: repository.name,
            check_run_id: checkRunId,
            output: outputOf(output),
            ...options,
          }),
      }),
    get: (repository, checkRunId, signal) =>
      read(hub.calls, {
        what: "read check run",
        ...as(repository.installationId),
        reply: checkRunSchema,
        signal,
        send: (rest, options) =>
          rest.checks.get({
            owner: repository.owner,
            repo: repository.name,
            check_run_id: checkRunId,
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
