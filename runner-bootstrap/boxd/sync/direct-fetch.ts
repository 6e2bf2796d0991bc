/** Bringing one more commit by a single request, without starting git's own transport. */

import { closeSync, openSync, readFileSync, readSync, renameSync, rmSync, writeFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { join } from "node:path";

import { writeAll } from "../once.ts";
import { askFor, createAnswerReader } from "./fetch-answer.ts";
import type { FetchDeps } from "./fetch.ts";
import { basicAuthorization, hasNetworkSettings } from "./git.ts";
import { keptCommits } from "./git-dir.ts";
import { createPktReader } from "./pkt-line.ts";
import { eitherOf } from "../either-of.ts";

/** A difference between two commits; more is left to git, which may then take its time. */
const ANSWER_MAX_BYTES = 64 * 1024 * 1024;
/** Silence of a server that still works on its answer; git's own server says something every 5 s. */
const SILENCE_MAX_MS = 10_000;
const ANSWER_MAX_MS = 60_000;
/** git's own fetch.unpackLimit: fewer objects lie loose, more stay a pack. */
const UNPACK_LIMIT = 100;
const PACK_HEADER_BYTES = 12;
const RESULT_TYPE = "application/x-git-upload-pack-result";

/**
 * Brings `sha` in one round trip where a commit is here that its difference can be told from. The objects are then in
 * `gitDir`, each named by git after its own content, and `shallow` knows the commit; whether all of them came is for the
 * caller to prove, before `linkCommit`. False for whatever is not the usual: git's own fetch is then asked, and says what
 * is wrong. Never throws.
 */
export async function fetchDirectly(deps: FetchDeps, remote: string, sha: string): Promise<boolean> {
  const { gitDir, git } = deps;
  const have = keptCommits(gitDir);
  if (have.length === 0 || deps.signal.aborted || hasNetworkSettings()) return false;
  const pack = join(gitDir, "incoming.pack");
  try {
    const known = readShallow(gitDir);
    const shallow = have.filter((oid) => known.has(oid));
    const isShallow = await download(deps, remote, { sha, have, shallow }, pack);
    if (isShallow === undefined) return false;
    const count = objectCount(pack);
    if (count === undefined) return false;
    const argv = count < UNPACK_LIMIT ? ["unpack-objects", "-q"] : ["index-pack", "--stdin", "--fix-thin"];
    if ((await git.run(argv, {}, pack)).code !== 0) return false;
    // Only what is kept: others may have lost their objects to git's tidying.
    writeShallow(gitDir, isShallow ? [...shallow, sha] : shallow);
    return true;
  } catch {
    return false; // A full disk, a URL that Node does not take: git's own fetch meets it again and tells it.
  } finally {
    rmSync(pack, { force: true });
  }
}

/** The answer's pack into a file. Whether the commit is shallow, or undefined when it was not the usual answer. */
async function download(
  deps: FetchDeps,
  remote: string,
  ask: Parameters<typeof askFor>[0],
  path: string,
): Promise<boolean | undefined> {
  const url = new URL(`${remote.replace(/\/$/, "")}/git-upload-pack`);
  const body = askFor(ask);
  const token = deps.token();
  const headers = {
    "user-agent": "git/crabbox-boxd",
    "git-protocol": "version=2",
    "content-type": "application/x-git-upload-pack-request",
    "content-length": body.length,
    accept: RESULT_TYPE,
    ...(token === undefined ? {} : { authorization: basicAuthorization(token) }),
  };
  const signal = eitherOf([deps.signal, AbortSignal.timeout(ANSWER_MAX_MS)]);
  return new Promise((resolve, reject) => {
    // A redirect is not followed: the token is for this origin.
    const request = (url.protocol === "https:" ? httpsRequest : httpRequest)(
      url,
      { method: "POST", headers, timeout: SILENCE_MAX_MS, signal, agent: false },
      (response) => {
        readAnswer(response, ask.sha, path).then(resolve, reject);
      },
    );
    request.once("timeout", () => request.destroy());
    request.once("error", () => resolve(undefined));
    request.end(body);
  });
}

async function readAnswer(
  response: IncomingMessage,
  sha: string,
  path: string,
): Promise<boolean | undefined> {
  const { "content-type": type, "content-encoding": encoding } = response.headers;
  if (response.statusCode !== 200 || type !== RESULT_TYPE || encoding !== undefined) {
    response.destroy();
    return undefined;
  }
  rmSync(path, { force: true });
  const fd = openSync(path, "wx", 0o600);
  try {
    const answer = createAnswerReader(sha, (bytes) => writeAll(fd, bytes, null));
    const reader = createPktReader((line) => answer.line(line));
    let sizeBytes = 0;
    for await (const chunk of response) {
      const bytes = chunk as Buffer;
      sizeBytes += bytes.length;
      // Its end is in the answer itself; the connection's need not be waited for.
      if (sizeBytes > ANSWER_MAX_BYTES || !reader.push(bytes)) break;
    }
    return answer.end?.ok === true ? answer.end.isShallow : undefined;
  } catch {
    return undefined; // Cut off, silent, stopped, or a full disk.
  } finally {
    closeSync(fd);
  }
}

/** How many objects the pack says it has. */
function objectCount(path: string): number | undefined {
  const header = Buffer.alloc(PACK_HEADER_BYTES);
  const fd = openSync(path, "r");
  try {
    const isWhole = readSync(fd, header, 0, PACK_HEADER_BYTES, 0) === PACK_HEADER_BYTES;
    return isWhole && header.toString("latin1", 0, 4) === "PACK" ? header.readUInt32BE(8) : undefined;
  } finally {
    closeSync(fd);
  }
}

function readShallow(gitDir: string): Set<string> {
  try {
    return new Set(readFileSync(join(gitDir, "shallow"), "latin1").split("\n"));
  } catch {
    return new Set(); // Every commit that is here has its parents, or has none.
  }
}

function writeShallow(gitDir: string, oids: readonly string[]): void {
  writeFileSync(join(gitDir, "shallow.new"), oids.map((oid) => `${oid}\n`).join(""));
  renameSync(join(gitDir, "shallow.new"), join(gitDir, "shallow"));
}
