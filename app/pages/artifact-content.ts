import type { FastifyPluginCallback } from "fastify";
import { z } from "zod";
import type { Artifacts } from "../artifacts/artifacts.ts";
import type { ArtifactLinks } from "../artifacts/links.ts";
import { AppError, toAppError } from "../errors.ts";
import type { Log } from "../log.ts";
import { contentType } from "./content-type.ts";
import { createDownloadPlaces } from "./download-places.ts";

export type ArtifactContentDeps = {
  readonly artifacts: Pick<Artifacts, "get" | "open">;
  readonly links: Pick<ArtifactLinks, "isGood">;
  readonly log: Log;
  /**
   * The host (`NAME:PORT` where there is a port) that serves nothing but this: a request for another one is not answered. Null: the pages' own
   * origin, where nothing is shown, only saved, so that a browser never makes a page of what a box made.
   */
  readonly host: string | null;
  /** A download whose reader takes nothing for so long ends; `STALLED_MS` when left out. */
  readonly stalledMs?: number;
};

/** Longer than any line is silent that still works. */
const STALLED_MS = 60_000;
/** The largest file by 5 Mbit/s. */
const DOWNLOAD_MAX_MS = 60 * 60_000;

const Params = z.object({
  artifact: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER),
  pass: z.string().max(100),
});

/** Whatever a box made is nobody's page: no script, no request of its own, an origin that equals no other, no frame, nothing kept. */
const CONTENT_HEADERS = {
  "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "x-robots-tag": "noindex, nofollow",
  "cache-control": "no-store",
} as const;

/**
 * `/artifacts/:artifact/:pass`: streams a file to whoever brings a pass of the last minutes. Reads no cookie and sets none. Faults are plain text,
 * the same for what is not there and what is over.
 */
export function artifactContent(deps: ArtifactContentDeps): FastifyPluginCallback {
  return (server, _options, done) => {
    const places = createDownloadPlaces();
    server.get(
      "/artifacts/:artifact/:pass",
      { logLevel: "warn", exposeHeadRoute: false },
      async (request, reply) => {
        reply.headers(CONTENT_HEADERS);
        const params = Params.safeParse(request.params);
        const isHere = deps.host === null || request.host === deps.host;
        if (!isHere || !params.success || !deps.links.isGood(params.data.artifact, params.data.pass))
          throw notHere();
        const artifact = await deps.artifacts.get(params.data.artifact);
        if (artifact === null) throw notHere();
        const leave = places.take(artifact.repositoryId);
        if (leave === null)
          throw new AppError("busy", "Too many files are being downloaded.", "Try again in a minute.");
        const content = await deps.artifacts.open(artifact).catch((thrown: unknown) => {
          leave();
          throw thrown;
        });
        if (content === null) {
          leave();
          throw notHere();
        }
        const tooLong = setTimeout(
          () => content.destroy(new Error("a download took too long")),
          DOWNLOAD_MAX_MS,
        );
        content.once("close", () => {
          leave();
          clearTimeout(tooLong);
        });
        // The socket's own measure: whatever is written to it and taken from it counts.
        reply.raw.setTimeout(deps.stalledMs ?? STALLED_MS, () => reply.raw.destroy());
        const { type, disposition } = contentType(artifact.name, deps.host !== null);
        return reply
          .type(type)
          .header("content-length", artifact.sizeBytes)
          .header("content-disposition", disposition)
          .send(content);
      },
    );
    server.setErrorHandler((thrown, request, reply) => {
      const error = toAppError(thrown);
      if (error.status >= 500 && error.code !== "busy")
        deps.log.error({ err: thrown, route: request.routeOptions.url }, "an artifact could not be served");
      return reply
        .headers(CONTENT_HEADERS)
        .code(error.status)
        .type("text/plain; charset=utf-8")
        .send(`${error.message} ${error.hint}\n`);
    });
    done();
  };
}

function notHere(): AppError {
  return new AppError(
    "not_found",
    "There is no such file, or this address is older than a few minutes.",
    "Open the run's page again and choose it there.",
  );
}
