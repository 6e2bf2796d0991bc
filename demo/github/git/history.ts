import { git } from "./git.ts";

/** One commit as a line of a timeline. */
export type CommitLine = { sha: string; at: string; author: string; subject: string };

/** As many as GitHub lists for a pull request ("List commits on a pull request"). */
const COMMITS_LIMIT = 250;

/** The commits of head that base does not have, oldest first; none when one of them is gone. */
export async function commitsBetween(dir: string, base: string, head: string): Promise<CommitLine[]> {
  const format = "--format=%H%x00%cI%x00%an%x00%s";
  const result = await git(dir, [
    "log",
    "--reverse",
    `--max-count=${COMMITS_LIMIT}`,
    format,
    `${base}..${head}`,
  ]);
  if (result.code !== 0) return [];
  const lines = result.stdout.toString().split("\n");
  return lines.filter((line) => line !== "").map(lineOf);
}

function lineOf(line: string): CommitLine {
  const [sha = "", at = "", author = "", subject = ""] = line.split("\0");
  return { sha, at: `${new Date(at).toISOString().slice(0, 19)}Z`, author, subject };
}
