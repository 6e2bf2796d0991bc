import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const CLI = join(import.meta.dirname, "../../app/cli/main.ts");
const WHO = ["-c", "user.name=Ann", "-c", "user.email=ann@example.org"];

export type Ran = { readonly code: number | null; readonly out: string; readonly err: string };

export type JobLine = {
  readonly type: string;
  readonly job: string;
  readonly matrix: Record<string, unknown>;
  readonly conclusion: string;
  readonly steps: readonly {
    readonly id: string | null;
    readonly name: string;
    readonly outcome: string;
    readonly conclusion: string;
    readonly outputs: Record<string, string>;
    readonly ms: number;
  }[];
  readonly outputs: Record<string, string>;
  readonly text?: string;
};

export type JobStage = {
  readonly dir: string;
  readonly repo: string;
  /** Writes files into the working tree; commits them unless told otherwise. */
  write(files: Readonly<Record<string, string>>, commit?: boolean): void;
  /** A bare repository under the GitHub root, tagged v1. */
  mirror(nwo: string, files: Readonly<Record<string, string>>): void;
  /** Runs the CLI to its end, its own cache beside. */
  run(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Ran>;
  /** `job --json`, its lines parsed. */
  json(
    args: readonly string[],
    env?: Readonly<Record<string, string>>,
  ): Promise<{ readonly code: number | null; readonly lines: readonly JobLine[] }>;
  /** The CLI as a process that runs. */
  start(args: readonly string[], env?: Readonly<Record<string, string>>): ReturnType<typeof spawn>;
  close(): void;
};

/** A repository, a GitHub root and a cache of their own for `crabbox-app job`. */
export function openJobStage(): JobStage {
  const dir = mkdtempSync(join(tmpdir(), "crabbox-job-test-"));
  const repo = join(dir, "shop");
  const root = join(dir, "github");
  mkdirSync(root);
  const git = (at: string, ...args: string[]) => execFileSync("git", [...WHO, "-C", at, ...args]);
  const put = (at: string, files: Readonly<Record<string, string>>) => {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(at, name)), { recursive: true });
      writeFileSync(join(at, name), text);
    }
  };
  const init = (at: string) => {
    mkdirSync(at, { recursive: true });
    git(at, "init", "--quiet", "--initial-branch=main");
  };
  const commit = (at: string) => {
    git(at, "add", "--all");
    git(at, "commit", "--quiet", "--allow-empty", "-m", "a commit");
  };
  init(repo);
  git(repo, "remote", "add", "origin", "https://github.com/acme/shop.git");
  const start: JobStage["start"] = (args, env = {}) =>
    spawn(process.execPath, ["--disable-warning=ExperimentalWarning", CLI, ...args], {
      env: { ...process.env, XDG_CACHE_HOME: join(dir, "cache"), TMPDIR: dir, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
  const stage: JobStage = {
    dir,
    repo,
    write(files, isCommitted = true) {
      put(repo, files);
      if (isCommitted) commit(repo);
    },
    mirror(nwo, files) {
      const work = join(dir, "work", nwo);
      init(work);
      put(work, files);
      commit(work);
      git(work, "tag", "v1");
      mkdirSync(dirname(join(root, nwo)), { recursive: true });
      execFileSync("git", ["clone", "--quiet", "--bare", work, join(root, `${nwo}.git`)]);
    },
    async run(args, env) {
      const child = start([...args, "--github-root", root], env);
      let out = "";
      let err = "";
      child.stdout?.on("data", (chunk: Buffer) => (out += chunk.toString("utf8")));
      child.stderr?.on("data", (chunk: Buffer) => (err += chunk.toString("utf8")));
      const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
      return { code, out, err };
    },
    async json(args, env) {
      const { code, out, err } = await stage.run(["job", "--repo", repo, ...args, "--json"], env);
      const lines = out.split("\n").filter((line) => line !== "");
      if (lines.length === 0) throw new Error(`nothing was told: ${err}`);
      return { code, lines: lines.map((line) => JSON.parse(line) as JobLine) };
    },
    start,
    close: () => rmSync(dir, { recursive: true, force: true }),
  };
  return stage;
}

/** The result of a job. */
export function resultOf(lines: readonly JobLine[], job: string): JobLine {
  const found = lines.find((line) => line.type === "job" && line.job === job);
  if (found === undefined) throw new Error(`no result of ${job}`);
  return found;
}

/** All that was logged, in order. */
export function logOf(lines: readonly JobLine[]): string {
  return lines.map((line) => (line.type === "log" ? line.text : "")).join("");
}
