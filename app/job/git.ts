import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { gitEnvironment } from "../git-environment.ts";

const run = promisify(execFile);

/** Lists of paths of a large repository; `git ls-files` of 500,000 files stays below. */
const OUTPUT_MAX_BYTES = 128 * 1024 * 1024;
/** Of what git says, so much is told. */
const SAID_MAX_CHARS = 400;

/** Runs git in `dir` with hooks and prompts off; its output, the last newline removed. Throws when git fails. */
export async function git(dir: string, ...args: readonly string[]): Promise<string> {
  const { stdout } = await run("git", ["-c", "core.hooksPath=/dev/null", "-C", dir, ...args], {
    maxBuffer: OUTPUT_MAX_BYTES,
    env: gitEnvironment(),
  });
  return stdout.replace(/\n$/u, "");
}

/** As `git`, but null when git fails: for questions to which "there is none" is an answer. */
export async function askGit(dir: string, ...args: readonly string[]): Promise<string | null> {
  try {
    return await git(dir, ...args);
  } catch {
    return null;
  }
}

/** Why git fails at what `askGit` answered null to: its own words, or that there is no git. */
export async function whyNot(
  dir: string,
  ...args: readonly string[]
): Promise<{ readonly kind: "no git" } | { readonly kind: "refused"; readonly said: string }> {
  try {
    await git(dir, ...args);
    return { kind: "refused", said: "it does by now" };
  } catch (thrown) {
    const { code, stderr } = thrown as { readonly code?: unknown; readonly stderr?: unknown };
    if (code === "ENOENT") return { kind: "no git" };
    const said = typeof stderr === "string" ? stderr.replace(/^fatal: /u, "").trim() : "";
    return { kind: "refused", said: said === "" ? "it gives no reason" : said.slice(0, SAID_MAX_CHARS) };
  }
}
