import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { gitEnvironment } from "../git-environment.ts";

const run = promisify(execFile);

/** Lists of paths of a large repository; `git ls-files` of 500,000 files stays below. */
const OUTPUT_MAX_BYTES = 128 * 1024 * 1024;
/** Of what git says, so much is told. */
const SAID_MAX_CHARS = 400;

/** Without hooks, whoever put them there. */
const PLAIN = ["-c", "core.hooksPath=/dev/null"];
/** One question after the other, each answer between its beginning and a NUL; `$0` is the folder. */
const ASK = `ask() { git ${PLAIN.join(" ")} -C "$0" "$@" 2>/dev/null && printf y; printf '\\0'; }`;

/**
 * Runs git in `dir` with hooks and prompts off; its output, the last newline removed. Throws when git fails, and once it has ended
 * because `until` is aborted.
 */
export async function git(dir: string, args: readonly string[], until?: AbortSignal): Promise<string> {
  const running = run("git", [...PLAIN, "-C", dir, ...args], {
    maxBuffer: OUTPUT_MAX_BYTES,
    env: gitEnvironment(),
  });
  const end = (): void => void running.child.kill();
  until?.addEventListener("abort", end, { once: true });
  if (until?.aborted === true) end();
  try {
    return withoutNewline((await running).stdout);
  } finally {
    until?.removeEventListener("abort", end);
  }
}

/**
 * Asks git several questions in `dir`; null for each that it fails at: "there is none" is an answer. By one shell, because programs start
 * from there in half the time that they take from a process of this size.
 */
export async function askGit(
  dir: string,
  questions: readonly (readonly string[])[],
): Promise<readonly (string | null)[]> {
  const lines = questions.map((words) => `ask ${words.map(quoted).join(" ")}`);
  const { stdout } = await run("/bin/sh", ["-c", [ASK, ...lines, "true"].join("\n"), dir], {
    maxBuffer: OUTPUT_MAX_BYTES,
    env: gitEnvironment(),
  });
  return stdout
    .split("\0", questions.length)
    .map((answer) => (answer.endsWith("y") ? withoutNewline(answer.slice(0, -1)) : null));
}

/** Why git fails at what `askGit` answered null to: its own words, or that there is no git. */
export async function whyNot(
  dir: string,
  args: readonly string[],
): Promise<{ readonly kind: "no git" } | { readonly kind: "refused"; readonly said: string }> {
  try {
    await git(dir, args);
    return { kind: "refused", said: "it does by now" };
  } catch (thrown) {
    const { code, stderr } = thrown as { readonly code?: unknown; readonly stderr?: unknown };
    if (code === "ENOENT") return { kind: "no git" };
    const said = typeof stderr === "string" ? stderr.replace(/^fatal: /u, "").trim() : "";
    return { kind: "refused", said: said === "" ? "it gives no reason" : said.slice(0, SAID_MAX_CHARS) };
  }
}

function withoutNewline(text: string): string {
  return text.replace(/\n$/u, "");
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
