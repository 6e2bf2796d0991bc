import { Readable } from "node:stream";
import type { FastifyInstance, FastifyPluginCallback, FastifyReply, FastifyRequest } from "fastify";
import { toAppError } from "../errors.ts";
import { outputOf } from "../journal/output.ts";
import { readRows } from "../journal/rows.ts";
import { loadAssets } from "./assets.ts";
import { createIndexes } from "./attempt-indexes.ts";
import { attemptOf, runOfLink } from "./log-access.ts";
import type { LogPagesDeps } from "./log-access.ts";
import { pageView } from "./log-page-view.ts";
import { DownloadQuery, LinesQuery, parseQuery, SearchQuery, TokenParams } from "./log-queries.ts";
import { createSearches } from "./log-searches.ts";
import { createStreams } from "./log-stream.ts";
import { PAGE_HEADERS } from "./page-headers.ts";
import { runJson } from "./run-json.ts";

/**
 * The live log pages under `/logs/:token` with their assets: page, `run.json`, `stream`, `lines`, `search`, `download`. The token is the whole
 * right to read; it is kept out of request logs by these routes' log level. Faults answer as a page or as JSON.
 */
export function logPages(deps: LogPagesDeps): FastifyPluginCallback {
  return (server, _options, done) => {
    const assets = loadAssets();
    const indexed = createIndexes((attemptId, offset, maxBytes) =>
      deps.logs.read(attemptId, offset, maxBytes),
    );
    const onFault = (error: unknown): void => server.log.error({ err: error }, "watching a log failed");
    const streams = createStreams({ ...deps, indexed, onFault });
    const searches = createSearches(deps.clock);
    const runOf = (request: FastifyRequest) => runOfLink(deps, parseQuery(TokenParams, request.params).token);

    assets.register(server);
    server.addHook("preClose", (closed) => {
      streams.close();
      closed();
    });
    quiet(server, "/logs/:token", async (request, reply) => {
      const { token } = parseQuery(TokenParams, request.params);
      const view = await pageView(deps, await runOf(request), token, relative(assets.path));
      return reply.type("text/html; charset=utf-8").send(deps.render.logPage(view));
    });
    quiet(server, "/logs/:token/run.json", async (request) => runJson(deps, await runOf(request)));
    quiet(server, "/logs/:token/stream", async (request, reply) => {
      streams.open(request, reply, await runOf(request));
      return reply;
    });
    quiet(server, "/logs/:token/lines", async (request) => {
      const { from, count, attempt: n } = parseQuery(LinesQuery, request.query);
      const attempt = await attemptOf(deps, await runOf(request), n);
      if (attempt === null) return { total: 0, open: null, rows: [] };
      const { read, index } = indexed(attempt.id);
      const rows = await readRows(read, index, from, count);
      return { total: index.rows, open: index.openRow, rows };
    });
    quiet(server, "/logs/:token/search", async (request, reply) => {
      const { q, from, attempt: n } = parseQuery(SearchQuery, request.query);
      const attempt = await attemptOf(deps, await runOf(request), n);
      const found = searches.start(attempt === null ? null : indexed(attempt.id), from, q);
      return reply.type("application/x-ndjson; charset=utf-8").send(Readable.from(found));
    });
    quiet(server, "/logs/:token/download", async (request, reply) => {
      const { ansi, attempt: n } = parseQuery(DownloadQuery, request.query);
      const run = await runOf(request);
      const attempt = await attemptOf(deps, run, n);
      const name = `${run.id}${attempt === null || attempt.n === 1 ? "" : `-attempt-${attempt.n}`}.log`;
      const output = attempt === null ? [] : outputOf(indexed(attempt.id).read, ansi);
      return reply
        .type("text/plain; charset=utf-8")
        .header("content-disposition", `attachment; filename="${name}"`)
        .send(Readable.from(output, { objectMode: false }));
    });

    function quiet(
      scope: FastifyInstance,
      url: string,
      handler: (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>,
    ): void {
      scope.get(url, { logLevel: "warn" }, async (request, reply) => {
        reply.headers(PAGE_HEADERS);
        return handler(request, reply);
      });
    }

    server.setErrorHandler((thrown, request, reply) => {
      const error = toAppError(thrown);
      if (error.status >= 500)
        request.log.error({ err: thrown, route: request.routeOptions.url }, "a log page failed");
      reply.headers(PAGE_HEADERS).code(error.status);
      if (request.routeOptions.url === "/logs/:token") {
        const { status, message, hint } = error;
        return reply
          .type("text/html; charset=utf-8")
          .send(deps.render.errorPage({ assets: relative(assets.path), status, message, hint }));
      }
      return reply.send({ error: { code: error.code, message: error.message, hint: error.hint } });
    });
    done();
  };
}

/** As seen from `/logs/TOKEN`, so that pages also work behind a proxy that puts a path before ours. */
function relative(path: string): string {
  return `..${path}`;
}
