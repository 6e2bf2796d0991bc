/** Fetching one commit, and saying why when it does not come. */

import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { setTimeout as delay } from "node:timers/promises";

import { freeBytes } from "../journal.ts";
import type { SyncReason } from "./sync-reason.ts";
import { basicAuthorization } from "./git.ts";
import type { Git } from "./git.ts";
import { commitRef } from "./git-dir.ts";

export type FetchEnd =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: SyncReason; readonly error: string };

export type FetchDeps = {
  readonly git: Git;
  readonly gitDir: string;
  readonly signal: AbortSignal;
  /** The environment with the token, asked for each try: a new token may have come. */
  readonly tokenEnv: () => Record<string, string>;
  readonly token: () => string | undefined;
};

export type TreeDeps = FetchDeps & {
  /** Called when the network has nothing more to bring and git is at work. */
  readonly onLocal: () => void;
};

/** Pauses before the second, third and last word on a network that fails. */
const PAUSES_MS = [1_000, 4_000, 9_000];
const PROBE_TIMEOUT_MS = 10_000;
/** Less than this free and git's failure is the disk's. */
const DISK_FULL_BELOW_BYTES = 1024 * 1024;

/** Fetches `sha` from `remote` at depth 1 and keeps it under its ref. Tries three times where the network is at fault. */
export async function fetchCommit(deps: FetchDeps, remote: string, sha: string): Promise<FetchEnd> {
  for (let attempt = 0; ; attempt += 1) {
    const end = await deps.git.run(
      [
        "fetch",
        "-q",
        "--depth=1",
        "--no-tags",
        "--no-recurse-submodules",
        "--",
        remote,
        `+${sha}:${commitRef(sha)}`,
      ],
      deps.tokenEnv(),
    );
    if (end.code === 0) return { ok: true };
    if (deps.signal.aborted) return { ok: false, reason: "other", error: "stopped" };
    if (end.code === 127) return { ok: false, reason: "no_git", error: end.stderr };
    if (freeBytes(deps.gitDir) < DISK_FULL_BELOW_BYTES)
      return { ok: false, reason: "disk_full", error: end.stderr };
    // git says 128 for everything; so the server is asked once more, and its status decides.
    const reason = reasonOf(await askRemote(remote, deps.token()));
    const pauseMs = PAUSES_MS[attempt];
    // A remote that answers well may still have dropped this one connection: such a failure is tried once more.
    const isLast =
      pauseMs === undefined ||
      attempt >= 2 ||
      (reason === "commit_missing" ? attempt >= 1 : reason !== "network");
    if (isLast) return { ok: false, reason, error: end.stderr };
    await delay(pauseMs, undefined, { signal: deps.signal }).catch(() => undefined);
  }
}

function reasonOf(status: number | undefined): SyncReason {
  if (status === undefined || status === 429 || status >= 500) return "network";
  if (status === 401 || status === 403 || status === 404) return "token_refused";
  return status === 200 ? "commit_missing" : "other";
}

async function askRemote(remote: string, token: string | undefined): Promise<number | undefined> {
  const url = new URL(`${remote.replace(/\/$/, "")}/info/refs?service=git-upload-pack`);
  const headers = token === undefined ? {} : { authorization: basicAuthorization(token) };
  return new Promise((resolve) => {
    const request = (url.protocol === "https:" ? httpsRequest : httpRequest)(
      url,
      { headers, timeout: PROBE_TIMEOUT_MS },
      (response) => {
        resolve(response.statusCode);
        response.destroy();
      },
    );
    request.once("timeout", () => request.destroy());
    request.once("error", () => resolve(undefined));
    request.end();
  });
}
