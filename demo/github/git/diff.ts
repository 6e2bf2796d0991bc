import { git, gitText } from "./git.ts";
import type { DiffStat } from "../model.ts";

export type FileDiff = {
  path: string;
  previousPath: string | null;
  status: "added" | "removed" | "modified" | "renamed" | "copied" | "changed";
  sha: string;
  additions: number;
  deletions: number;
  patch: string | null;
};

const STATUS = { A: "added", D: "removed", M: "modified", R: "renamed", C: "copied", T: "changed" } as const;
const EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

/** What a pull request shows: the difference between head and its merge base with base. */
export async function mergeBase(dir: string, base: string, head: string): Promise<string> {
  const result = await git(dir, ["merge-base", base, head]);
  return result.code === 0 ? result.stdout.toString().trim() : base;
}

/** Counts for a pull request's head over its base. */
export async function diffStat(dir: string, base: string, head: string): Promise<DiffStat> {
  const from = await mergeBase(dir, base, head);
  const [commits, numstat] = await Promise.all([
    gitText(dir, ["rev-list", "--count", `${base}..${head}`]),
    gitText(dir, ["diff", "--numstat", "-M", from, head]),
  ]);
  const rows = numstat.split("\n").filter((line) => line !== "");
  const sum = (column: number): number =>
    rows.reduce((total, row) => total + (Number(row.split("\t")[column]) || 0), 0);
  return { commits: Number(commits), additions: sum(0), deletions: sum(1), changedFiles: rows.length };
}

/** The files that differ between two commits (`from` null: everything is new), in git's order. */
export async function diffFiles(dir: string, from: string | null, to: string): Promise<FileDiff[]> {
  const range = ["-M", "--no-abbrev", from ?? EMPTY_TREE, to];
  const [raw, numstat, patch] = await Promise.all([
    gitText(dir, ["diff", "--raw", "-z", ...range]),
    gitText(dir, ["diff", "--numstat", ...range]),
    gitText(dir, ["diff", "--patch", ...range]),
  ]);
  const counts = numstat.split("\n").map((line) => line.split("\t"));
  const patches = `\n${patch}`.split("\ndiff --git ").slice(1);
  return parseRaw(raw).map((file, index) => {
    const text = patches[index] ?? "";
    const hunks = text.indexOf("\n@@");
    return Object.assign(file, {
      additions: Number(counts[index]?.[0]) || 0,
      deletions: Number(counts[index]?.[1]) || 0,
      patch: hunks === -1 ? null : text.slice(hunks + 1),
    });
  });
}

type RawFile = Pick<FileDiff, "path" | "previousPath" | "status" | "sha">;

function parseRaw(raw: string): RawFile[] {
  const fields = raw.split("\0");
  const files: RawFile[] = [];
  let at = 0;
  while (at < fields.length && fields[at] !== "") {
    const [, , oldSha = "", newSha = "", code = "M"] = (fields[at] ?? "").split(" ");
    const letter = code.charAt(0) as keyof typeof STATUS;
    const moved = letter === "R" || letter === "C";
    const first = fields[at + 1] ?? "";
    const second = moved ? (fields[at + 2] ?? "") : null;
    files.push({
      path: second ?? first,
      previousPath: moved ? first : null,
      status: STATUS[letter],
      sha: letter === "D" ? oldSha : newSha,
    });
    at += moved ? 3 : 2;
  }
  return files;
}
