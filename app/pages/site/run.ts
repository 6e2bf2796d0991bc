import { shortLine } from "../../clamp.ts";
import { readTail } from "../../journal/tail.ts";
import { plainText } from "../../plain-text.ts";
import type { RunPageView } from "../../render/site-views.ts";
import { commandSummary } from "../../runs/report-commands.ts";
import { checkRunView } from "../../runs/report-view.ts";
import type { Attempt } from "../../store/rows.ts";
import { leftView } from "../artifact-lines.ts";
import { artifactRoutes } from "../artifact-routes.ts";
import { parseQuery } from "../log-queries.ts";
import { logRoutes } from "../log-routes.ts";
import { runStatus } from "../run-status.ts";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { SiteDeps } from "./deps.ts";
import { repositoryHref } from "./lists.ts";
import { SaidQuery } from "./queries.ts";
import { runButtons } from "./run-buttons.ts";
import { saidTo } from "./said.ts";
import { seenRun, type Seen } from "./seen-run.ts";
import { notLoggedIn, type Site } from "./site.ts";
import { nothingHere, visitorOf, type Visitor } from "./visitor.ts";
import { textParts, timeView } from "./words.ts";

const COMMAND_BYTES = 300;
const SCRIPT_BYTES = 20_000;
const BRANCH_BYTES = 200;
const SHORT_SHA = 12;
/** For browsers without script; the whole log is one click away. */
const TAIL_BYTES = 16 * 1024;
/** Reading a larger log for its end costs more than it shows. */
const TAIL_LOG_MAX_BYTES = 4 * 1024 * 1024;
/** Runs of its pull request looked through for repetitions. */
const LOOK_BACK_RUNS = 100;

/** `/runs/:run` with its log below it: for who may read the repository, asked at every request. */
export function runPage(server: FastifyInstance, site: Site, deps: SiteDeps): void {
  site.page("/runs/:run", async (visitor, request) => {
    const seen = await seenRun(deps, visitor, request.params);
    const { said } = parseQuery(SaidQuery, request.query);
    return deps.render.run(await viewOf(site, deps, visitor, seen, said));
  });
  // What a check's summary links as the download of its log page.
  server.get<{ readonly Params: { readonly run: string } }>(
    "/runs/:run/download",
    { logLevel: "warn" },
    async (request, reply) =>
      reply.redirect(`${site.root}/runs/${encodeURIComponent(request.params.run)}/log/download`, 303),
  );
  const runOf = async (request: FastifyRequest) => {
    const visitor = await visitorOf(deps, request);
    if (visitor === null) throw notLoggedIn();
    return (await seenRun(deps, visitor, request.params)).run;
  };
  logRoutes(server, deps, "/runs/:run/log", runOf);
  artifactRoutes(server, deps, "/runs/:run", runOf);
}

async function viewOf(
  site: Site,
  deps: SiteDeps,
  visitor: Visitor,
  { run: first, repository, mayAct }: Seen,
  said: string | undefined,
): Promise<RunPageView> {
  const state = await runStatus(deps, first.id);
  if (state === null) throw nothingHere();
  const { run, attempt, status } = state;
  const attempts = await deps.store.attempts.ofRun(run.id);
  const [held] =
    attempt === null ? await deps.store.leases.live({ holder: { kind: "run", key: run.id } }) : [];
  const lease = attempt === null ? (held ?? null) : await deps.store.leases.get(attempt.leaseId);
  const box = lease === null ? null : await deps.store.boxes.ofLease(lease.id);
  const artifacts = await deps.artifacts.ofRun(run.id);
  const now = deps.clock.now();
  const report = checkRunView({
    run,
    repository,
    attempts,
    lease,
    box,
    now,
    position: null,
    logTail: null,
    notice: null,
    defaults: deps.defaults,
    links: { web: deps.webUrl, log: null },
    artifacts,
  });
  const { pullRequest: pull } = run;
  const repositoryUrl = repositoryHref(site.root, repository);
  const others =
    pull === null ? [] : await deps.store.runs.ofPullRequest(run.repositoryId, pull, LOOK_BACK_RUNS);
  const href = (id: string) => `${site.root}/runs/${id}`;
  return {
    frame: site.frame(visitor, status.title, ""),
    base: `${run.id}/log`,
    attempt: status.attempt,
    done: status.done ? "yes" : "no",
    title: status.title,
    tone: status.tone,
    command: shortLine(commandSummary(run), COMMAND_BYTES),
    script: run.commandKind === "script" ? shortText(run.command) : "",
    repository: report.repository,
    repositoryHref: repositoryUrl,
    pull: pull === null ? "" : `#${pull}`,
    pullHref: pull === null ? "" : `${repositoryUrl}/pull/${pull}`,
    branch: shortLine(report.commit.ref, BRANCH_BYTES),
    sha: run.checkoutSha,
    shortSha: run.checkoutSha.slice(0, SHORT_SHA),
    commitUrl: report.commit.url,
    actor: run.actor,
    how: report.actor.how,
    at: timeView(run.createdAt, now),
    runId: run.id,
    retryOf: run.retryOf ?? "",
    retryOfHref: run.retryOf === null ? "" : href(run.retryOf),
    repeats: others.filter(({ retryOf }) => retryOf === run.id).map(({ id }) => ({ id, href: href(id) })),
    phases: status.phases.map(({ name, duration, result, from, share }) => ({
      name,
      duration,
      result,
      kind: result.split(":")[0] ?? "",
      from,
      share,
    })),
    cost: report.cost,
    box: report.box?.slug ?? "",
    boxWhat: report.box?.what ?? report.wantedBox,
    setUp: textParts(report.setUp ?? ""),
    message: textParts(report.message ?? ""),
    next: textParts(report.next ?? ""),
    notes: report.notes.map((note) => textParts(note)),
    notice: await saidTo(deps, visitor, said, run),
    buttons: mayAct ? runButtons(deps, site.root, run, lease) : [],
    noButtons: mayAct ? "" : "Cancel, retry and the like need write access to the repository.",
    tail: attempt === null ? "" : await tailOf(deps, attempt),
    ...leftView(artifacts, run, attempt, run.id, now),
  };
}

async function tailOf(deps: SiteDeps, attempt: Attempt): Promise<string> {
  if (attempt.logBytes > TAIL_LOG_MAX_BYTES) return "";
  const read = (offset: number, maxBytes: number) => deps.logs.read(attempt.id, offset, maxBytes);
  return plainText((await readTail(read, TAIL_BYTES)).text);
}

function shortText(script: string): string {
  const text = plainText(script);
  return text.length > SCRIPT_BYTES ? `${text.slice(0, SCRIPT_BYTES)}\n…` : text;
}
