import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, renameSync, rmSync } from "node:fs";
import { randomBytes } from "node:crypto";
import { gitEnvironment } from "../../git-environment.ts";
import { AppError } from "../../errors.ts";
import { checkTree } from "./check-tree.ts";
import { PLAIN_CONFIG, runGit } from "./git.ts";

/** An action's file or a workflow; the readers of both have smaller bounds of their own. */
const MAX_FILE_BYTES = 4 * 1024 * 1024;
const UNPACK_TIMEOUT_MS = 180_000;
/** Of what git says when it fails. */
const MAX_SAID_CHARS = 500;

/** A file's text at a commit of a bare repository; null when it is not there, is no file or is larger than any that is asked for. */
export async function readFileAt(repository: string, sha: string, path: string): Promise<string | null> {
  const listed = await runGit(repository, ["ls-tree", "-z", "-l", "--full-tree", sha, "--", path], {
    env: { GIT_LITERAL_PATHSPECS: "1" },
  });
  if (!listed.ok) return null;
  const match = /^(\d{6}) blob ([0-9a-f]{40,64}) +(\d+)\t/u.exec(listed.stdout.toString("utf8"));
  if (match === null || Number(match[3]) > MAX_FILE_BYTES) return null;
  const read = await runGit(repository, ["cat-file", "blob", match[2] ?? ""]);
  return read.ok ? read.stdout.toString("utf8") : null;
}

/**
 * The tree of a commit in `dir`, which appears only whole and must not be there before. What GitHub's own archives leave out
 * (`export-ignore`) is left out. Throws `AppError` for a tree that is too large or leaves its place, `dir` then being absent.
 */
export async function unpackCommit(
  repository: string,
  { nwo, sha, dir }: { readonly nwo: string; readonly sha: string; readonly dir: string },
): Promise<void> {
  await checkTree(repository, nwo, sha);
  const staging = `${dir}.part-${randomBytes(6).toString("hex")}`;
  mkdirSync(staging, { recursive: true });
  try {
    await pipeTar(repository, sha, staging);
    renameSync(staging, dir);
  } catch (cause) {
    throw new AppError(
      "action_unusable",
      `${nwo}@${sha} could not be unpacked: ${cause instanceof Error ? cause.message : "unknown"}.`,
      "Either the disk is full (TMPDIR names another place), or the mirror lacks objects: fetch it again whole.",
      cause,
    );
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

async function pipeTar(repository: string, sha: string, into: string): Promise<void> {
  const signal = AbortSignal.timeout(UNPACK_TIMEOUT_MS);
  const archive = spawn(
    "git",
    ["-c", "safe.directory=*", "--git-dir", repository, "archive", "--format=tar", sha],
    { stdio: ["ignore", "pipe", "pipe"], env: { ...gitEnvironment(), ...PLAIN_CONFIG, LC_ALL: "C" }, signal },
  );
  const tar = spawn("tar", ["-x", "--no-same-owner", "-f", "-", "-C", into], {
    stdio: ["pipe", "ignore", "ignore"],
    signal,
  });
  // tar's own end says what went wrong; a closed pipe only follows from it.
  tar.stdin.on("error", () => archive.kill("SIGKILL"));
  archive.stdout.pipe(tar.stdin);
  let said = "";
  archive.stderr.setEncoding("utf8").on("data", (text: string) => {
    said = `${said}${text}`.slice(0, MAX_SAID_CHARS);
  });
  const [made, taken] = await Promise.all([once(archive, "exit"), once(tar, "exit")]);
  if (made[0] !== 0) throw new Error(`git archive ended with ${String(made[0] ?? made[1])}: ${said.trim()}`);
  if (taken[0] !== 0) throw new Error(`tar ended with ${String(taken[0] ?? taken[1])}`);
}
