// (g) A workflow's job on this machine: 100 `run: true` steps, 20 JavaScript steps with a post each, and a job of seven usual steps;
// beside the same by a plain bash script, and beside `act` where it is on the PATH. Turn about, so that other work hits all alike.
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { makeJobRepository, NODE_STEPS, RUN_STEPS } from "./job-files.ts";
import { ms, percentile, report } from "./report.ts";

const ROUNDS = 5;
const BIN = fileURLToPath(new URL("../app/cli/bin.mjs", import.meta.url));
/** Ours over act's, issue 5. */
const TARGET = 1;
/** What bash and node themselves cost a step; beside them we only watch. */
const NO_TARGET = null;

type Program = { readonly argv: readonly string[]; readonly env?: NodeJS.ProcessEnv };
type Job = "one" | "runs" | "actions" | "seven";

const dir = mkdtempSync(join(tmpdir(), "crabbox-bench-job-"));
try {
  await measure();
} finally {
  rmSync(dir, { recursive: true, force: true, maxRetries: 3 });
}

async function measure(): Promise<void> {
  const repo = join(dir, "shop");
  mkdirSync(repo);
  const scripts = makeJobRepository(repo, process.execPath);
  const programs = new Map<string, Program>();
  const hasAct = spawnSync("act", ["--version"], { stdio: "ignore" }).status === 0;
  for (const job of ["one", "runs", "actions", "seven"] as const) {
    programs.set(`ours ${job}`, ours(repo, job));
    if (hasAct) programs.set(`act ${job}`, act(repo, join(scripts.forAct, `${job}.yml`)));
  }
  programs.set("bash runs", { argv: ["bash", scripts.runs] });
  programs.set("bash actions", { argv: ["bash", scripts.actions] });
  if (!hasAct) console.log("act is not on the PATH: beside bash alone.");

  const took = new Map<string, number[]>([...programs.keys()].map((name) => [name, []]));
  for (let round = 0; round <= ROUNDS; round += 1)
    for (const [name, program] of programs) {
      const tookMs = await timed(repo, name, program);
      // The first round fills caches of all.
      if (round > 0) took.get(name)?.push(tookMs);
    }
  const half = (name: string): number => percentile(took.get(name) ?? [], 0.5);
  for (const who of hasAct ? ["ours", "act"] : ["ours"])
    console.log(`${who}: a job of one step takes ${ms(half(`${who} one`))}`);
  const perStep = (who: string, job: Job, steps: number, without: number): number =>
    (half(`${who} ${job}`) - without) / steps;
  const beside = (what: string, mine: number, other: string, theirs: number, target: number | null): void =>
    report({
      what: `${what}, beside ${other}`,
      ours: ms(mine),
      beside: ms(theirs),
      ratio: mine / theirs,
      target,
    });
  const long = [
    { job: "runs", name: `one of ${RUN_STEPS} run steps`, steps: RUN_STEPS - 1, plain: RUN_STEPS },
    {
      job: "actions",
      name: `one of ${NODE_STEPS} JavaScript steps and its post`,
      steps: NODE_STEPS,
      plain: NODE_STEPS,
    },
  ] as const;
  for (const { job, name, steps, plain } of long) {
    const mine = perStep("ours", job, steps, half("ours one"));
    beside(name, mine, "plain bash", perStep("bash", job, plain, 0), NO_TARGET);
    beside(`the whole job of it`, half(`ours ${job}`), "plain bash", half(`bash ${job}`), NO_TARGET);
    if (!hasAct) continue;
    beside(name, mine, "act", perStep("act", job, steps, half("act one")), TARGET);
    beside(`the whole job of it`, half(`ours ${job}`), "act", half(`act ${job}`), TARGET);
  }
  if (hasAct) beside("a job of seven steps", half("ours seven"), "act", half("act seven"), TARGET);
  else console.log(`a job of seven steps takes ${ms(half("ours seven"))}`);
}

function ours(repo: string, job: Job): Program {
  return {
    argv: [process.execPath, BIN, "job", "--repo", repo, "--workflow", `${job}.yml`],
    env: { XDG_CACHE_HOME: join(dir, "cache") },
  };
}

/** On this machine as ours, without containers. */
function act(repo: string, file: string): Program {
  return {
    argv: ["act", "push", "-C", repo, "-W", file, "-P", "ubuntu-latest=-self-hosted"],
    env: { XDG_CACHE_HOME: join(dir, "act-cache"), XDG_CONFIG_HOME: join(dir, "act-config") },
  };
}

async function timed(cwd: string, name: string, { argv, env }: Program): Promise<number> {
  const [file = "", ...args] = argv;
  const began = performance.now();
  const child = spawn(file, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  const keep = (chunk: Buffer): void => void (said = (said + chunk.toString()).slice(-2_000));
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  const tookMs = performance.now() - began;
  if (code !== 0) throw new Error(`${name} ended with ${code}:\n${said}`);
  return tookMs;
}
