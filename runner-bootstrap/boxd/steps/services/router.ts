/** Which door a request goes to, and who may pass. */

import type { IncomingMessage, ServerResponse } from "node:http";

import type { Answer } from "./answer.ts";
import { json, sendAnswer } from "./answer.ts";
import type { ArtifactDoorDeps } from "./artifact-v4.ts";
import { artifactMethods } from "./artifact-v4.ts";
import { BLOBS_PREFIX, answerBlob } from "./blobs.ts";
import { CACHE_V1_PREFIX, answerCacheV1 } from "./cache-v1.ts";
import type { CacheDoorDeps } from "./cache-v2.ts";
import { cacheV2Methods } from "./cache-v2.ts";
import { isBearer } from "./token.ts";
import { callTwirp, twirpError } from "./twirp.ts";

export type RouterDeps = CacheDoorDeps &
  ArtifactDoorDeps & { readonly token: string; readonly onFault: (error: unknown) => void };

const CACHE_PREFIX = "/twirp/github.actions.results.api.v1.CacheService/";
const ARTIFACT_PREFIX = "/twirp/github.actions.results.api.v1.ArtifactService/";
/** What is read on of a body that was refused: a client that still writes would take a reset for a reason to try again. */
const DRAIN_MAX_MS = 5_000;

/** Answers every request; a fault inside is told to `onFault`, and the client hears only that there was one. */
export function createRouter(deps: RouterDeps): (request: IncomingMessage, response: ServerResponse) => void {
  const cache = cacheV2Methods(deps);
  const artifact = artifactMethods(deps);

  const answer = (request: IncomingMessage): Promise<Answer> | Answer => {
    const url = parseUrl(request.url);
    if (url === undefined) return json(400, { message: "no such path" });
    if (url.pathname.startsWith(BLOBS_PREFIX)) return answerBlob(deps, request, url);
    if (!isBearer(request.headers.authorization, deps.token))
      return twirpError("unauthenticated", "this is not the token of this job");
    if (url.pathname.startsWith(CACHE_PREFIX))
      return callTwirp(cache, url.pathname.slice(CACHE_PREFIX.length), request);
    if (url.pathname.startsWith(ARTIFACT_PREFIX))
      return callTwirp(artifact, url.pathname.slice(ARTIFACT_PREFIX.length), request);
    if (url.pathname.startsWith(CACHE_V1_PREFIX)) return answerCacheV1(deps, request, url);
    return json(404, { message: "no such path" });
  };

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      const made = await answer(request);
      if (!request.complete) drain(request, response);
      await sendAnswer(response, made, request.method === "HEAD");
    } catch (error) {
      // A client that goes away in the middle is no fault of ours.
      if (request.destroyed && !request.complete) return;
      if (response.destroyed) return;
      deps.onFault(error);
      if (response.headersSent) response.destroy();
      else await sendAnswer(response, twirpError("internal", "the service failed"), false);
    }
  };
  return (request, response) => void handle(request, response);
}

function drain(request: IncomingMessage, response: ServerResponse): void {
  response.setHeader("connection", "close");
  request.resume();
  const timer = setTimeout(() => request.destroy(), DRAIN_MAX_MS);
  request.once("close", () => clearTimeout(timer));
}

function parseUrl(text: string | undefined): URL | undefined {
  return URL.canParse(text ?? "", "http://localhost") ? new URL(text ?? "", "http://localhost") : undefined;
}
