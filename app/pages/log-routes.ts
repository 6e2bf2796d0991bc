import { Readable } from "node:stream";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { AppError } from "../errors.ts";
import { outputOf } from "../journal/output.ts";
import { readRows } from "../journal/rows.ts";
import type { Run } from "../store/rows.ts";
import { createIndexes } from "./attempt-indexes.ts";
import { attemptOf } from "./log-access.ts";
import type { LogDeps } from "./log-access.ts";
import { DownloadQuery, LinesQuery, parseQuery, SearchQuery } from "./log-queries.ts";
import { createSearches } from "./log-searches.ts";
import { createStreams } from "./log-stream.ts";
import { PAGE_HEADERS } from "./page-headers.ts";
import { runJson } from "./run-json.ts";

type Handler = (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>;

/** The run that a request is about; throws when there is none that its sender may see. */
export type RunOf = (request: FastifyRequest) => Promise<Run>;

/**
 * What a log's page asks for, below `prefix`: `run.json`, `stream`, `lines`, `search`, `download`. Who may read is `runOf`'s business, asked at
 * every request. Addresses stay out of request logs.
 */
export function logRoutes(server: FastifyInstance, deps: LogDeps, prefix: string, runOf: RunOf): void {
  const indexed = createIndexes((attemptId, offset, maxBytes) => deps.logs.read(attemptId, offset, maxBytes));
  const onFault = (error: unknown): void => server.log.error({ err: error }, "watching a log failed");
  const streams = createStreams({ ...deps, indexed, onFault });
  const searches = createSearches(deps.clock);

  server.addHook("preClose", (closed) => {
    streams.close();
    closed();
  });
  quietly(server, `${prefix}/run.json`, async (request) => runJson(deps, await runOf(request)));
  quietly(server, `${prefix}/stream`, async (request, reply) => {
    streams.open(request, reply, await runOf(request), () => mayStill(runOf, request));
    return reply;
  });
  quietly(server, `${prefix}/lines`, async (request) => {
    const run = await runOf(request);
    const { from, count, attempt: n } = parseQuery(LinesQuery, request.query);
    const attempt = await attemptOf(deps, run, n);
    if (attempt === null) return { total: 0, open: null, rows: [] };
    const { read, index } = indexed(attempt.id);
    const rows = await readRows(read, index, from, count);
    return { total: index.rows, open: index.openRow, rows };
  });
  quietly(server, `${prefix}/search`, async (request, reply) => {
    const run = await runOf(request);
    const { q, from, attempt: n } = parseQuery(SearchQuery, request.query);
    const attempt = await attemptOf(deps, run, n);
    const found = searches.start(attempt === null ? null : indexed(attempt.id), from, q);
    return reply.type("application/x-ndjson; charset=utf-8").send(Readable.from(found));
  });
  quietly(server, `${prefix}/download`, async (request, reply) => {
    const run = await runOf(request);
    const { ansi, attempt: n } = parseQuery(DownloadQuery, request.query);
    const attempt = await attemptOf(deps, run, n);
    const name = `${run.id}${attempt === null || attempt.n === 1 ? "" : `-attempt-${attempt.n}`}.log`;
    const output = attempt === null ? [] : outputOf(indexed(attempt.id).read, ansi);
    return reply
      .type("text/plain; charset=utf-8")
      .header("content-disposition", `attachment; filename="${name}"`)
      .send(Readable.from(output, { objectMode: false }));
  });
}

/** Whether its sender may see the run, as far as can be told now; throws what is a fault of ours. */
async function mayStill(runOf: RunOf, request: FastifyRequest): Promise<boolean> {
  try {
    await runOf(request);
    return true;
  } catch (thrown) {
    if (!(thrown instanceof AppError)) throw thrown;
    // What GitHub cannot say now it is asked again: the stream was theirs so far.
    return thrown.code !== "not_found" && thrown.code !== "not_logged_in";
  }
}

/** A GET route with the headers of a log's page; its address is the secret of some, so it is not logged. */
export function quietly(server: FastifyInstance, url: string, handler: Handler): void {
  server.get(url, { logLevel: "warn" }, async (request, reply) => {
    reply.headers(PAGE_HEADERS);
    return handler(request, reply);
  });
}
