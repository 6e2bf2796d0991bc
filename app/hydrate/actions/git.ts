import { execFile } from "node:child_process";
import { gitEnvironment } from "../../git-environment.ts";

/** A tree of 100,000 files is listed in 20 MB. */
const OUTPUT_MAX_BYTES = 64 * 1024 * 1024;
/** Reading what is on this disk; a slow shared machine is allowed for. */
const LOCAL_TIMEOUT_MS = 60_000;
/** Of what git says on stderr, so much is kept for people. */
const STDERR_MAX_CHARS = 300;

export type GitAnswer =
  | { readonly ok: true; readonly stdout: Buffer }
  /** `isLate`: ended by us, for it took too long. */
  | { readonly ok: false; readonly why: string; readonly isLate?: boolean };

/**
 * Runs git on a bare repository (null: on none) to its end. No prompts, hooks, machine-wide or personal filters; `env` adds to the
 * environment. Never throws for git's own failure: `why` is its last words.
 */
export async function runGit(
  repository: string | null,
  args: readonly string[],
  {
    env = {},
    timeoutMs = LOCAL_TIMEOUT_MS,
  }: { env?: Readonly<Record<string, string>>; timeoutMs?: number } = {},
): Promise<GitAnswer> {
  const where = repository === null ? [] : ["--git-dir", repository];
  // The user named this directory, whoever it belongs to.
  const config = ["-c", "core.hooksPath=/dev/null", "-c", "safe.directory=*", "-c", "gc.auto=0"];
  return new Promise((resolve) => {
    execFile(
      "git",
      [...config, ...where, ...args],
      {
        encoding: "buffer",
        maxBuffer: OUTPUT_MAX_BYTES,
        timeout: timeoutMs,
        killSignal: "SIGKILL",
        env: { ...gitEnvironment(), GIT_ASKPASS: "true", LC_ALL: "C", ...env },
      },
      (error, stdout, stderr) => {
        if (error === null) resolve({ ok: true, stdout });
        else if (error.code === "ERR_CHILD_PROCESS_STDIO_MAXBUFFER")
          resolve({ ok: false, why: `more than ${OUTPUT_MAX_BYTES} bytes of answer` });
        else if (error.killed === true)
          resolve({ ok: false, why: `no answer in ${timeoutMs / 1000} s`, isLate: true });
        else resolve({ ok: false, why: lastWords(stderr.toString("utf8")) ?? error.message });
      },
    );
  });
}

/** Environment in which no configuration but the repository's own counts: an archive must not run somebody's smudge filter. */
export const PLAIN_CONFIG = { GIT_CONFIG_NOSYSTEM: "1", GIT_CONFIG_GLOBAL: "/dev/null" } as const;

function lastWords(stderr: string): string | undefined {
  return stderr
    .split("\n")
    .map((line) => line.replaceAll(/\p{C}/gu, " ").trim())
    .findLast((line) => line !== "")
    ?.replace(/^(?:fatal|error): /u, "")
    .slice(0, STDERR_MAX_CHARS);
}
