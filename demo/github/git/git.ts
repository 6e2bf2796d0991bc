import { spawn } from "node:child_process";

/** How one git command ended; a non-zero code is the caller's to judge. */
export type GitResult = { code: number; stdout: Buffer; stderr: string };

export type GitOptions = { input?: string | Buffer; env?: Record<string, string>; timeoutMs?: number };

/** Large repositories are copied in by one fetch. */
const TIMEOUT_MS = 15 * 60_000;
const STDERR_KEPT = 4_000;

const IDENTITY = { name: "GitHub", email: "noreply@github.com" };

/** Settings given by environment, so that no repository's own config is ever written for them. */
const CONFIG: readonly (readonly [string, string])[] = [
  ["safe.directory", "*"],
  ["uploadpack.allowAnySHA1InWant", "true"],
  ["uploadpack.allowFilter", "true"],
  ["http.receivepack", "true"],
  ["receive.denyDeleteCurrent", "ignore"],
  ["gc.auto", "0"],
  ["core.hooksPath", "/dev/null"],
];

/** The environment for every git here: nothing of the person's own configuration gets in. */
export function gitEnvironment(extra: Record<string, string> = {}): Record<string, string> {
  const config = Object.fromEntries(
    CONFIG.flatMap(([key, value], index) => [
      [`GIT_CONFIG_KEY_${index}`, key],
      [`GIT_CONFIG_VALUE_${index}`, value],
    ]),
  );
  return {
    PATH: process.env["PATH"] ?? "/usr/bin:/bin",
    HOME: "/nonexistent",
    LC_ALL: "C",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_TERMINAL_PROMPT: "0",
    GIT_AUTHOR_NAME: IDENTITY.name,
    GIT_AUTHOR_EMAIL: IDENTITY.email,
    GIT_COMMITTER_NAME: IDENTITY.name,
    GIT_COMMITTER_EMAIL: IDENTITY.email,
    GIT_CONFIG_COUNT: String(CONFIG.length),
    ...config,
    ...extra,
  };
}

/** Runs git in a directory and waits for its end. */
export async function git(
  dir: string,
  args: readonly string[],
  options: GitOptions = {},
): Promise<GitResult> {
  const child = spawn("git", args, {
    cwd: dir,
    env: gitEnvironment(options.env),
    stdio: ["pipe", "pipe", "pipe"],
    timeout: options.timeoutMs ?? TIMEOUT_MS,
    killSignal: "SIGKILL",
  });
  const stdout: Buffer[] = [];
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => {
    stderr = (stderr + chunk.toString()).slice(-STDERR_KEPT);
  });
  // A git that ends before it has read its input closes the pipe: its exit code tells, not EPIPE.
  child.stdin.on("error", () => undefined);
  child.stdin.end(options.input ?? "");
  const code = await new Promise<number>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (value) => resolve(value ?? -1));
  });
  return { code, stdout: Buffer.concat(stdout), stderr };
}

/** As `git`, for commands that must succeed; answers the output as text without the last line end. */
export async function gitText(
  dir: string,
  args: readonly string[],
  options: GitOptions = {},
): Promise<string> {
  const result = await git(dir, args, options);
  if (result.code !== 0) {
    throw new Error(`git ${args.join(" ")} in ${dir} ended with ${result.code}: ${result.stderr.trim()}`);
  }
  return result.stdout.toString().replace(/\n$/, "");
}
