import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { explained } from "./explained.ts";

const DEMO = join(import.meta.dirname, "..", "..", "demo", "main.ts");
/** The longest of them compiles for half a minute, on a fast network; one that takes this long hangs. */
const TIMEOUT_MS = 15 * 60_000;
const MAX_BYTES = 256 * 1024 * 1024;
/** As explain and run name them; a step that fails, and one that cannot run at all, both end a set-up like this. */
const FAILED = "hydrate_failed";

const ToHydrate = z.array(
  z.object({
    repo: z.string(),
    sha: z.string(),
    workflow: z.string(),
    job: z.string(),
    matrix: z.string().optional(),
    /** Succeeds on a box that is prepared, and on no other. */
    command: z.string(),
  }),
);
type ToHydrate = z.infer<typeof ToHydrate>[number];

const Line = z.object({ type: z.literal("check_run"), outcome: z.string(), check_run: z.unknown() });
const Check = z.object({ output: z.object({ title: z.string() }) });

/** What `--hydrate` prepares boxes for. */
export function toHydrate(): readonly ToHydrate[] {
  return ToHydrate.parse(JSON.parse(readFileSync(join(import.meta.dirname, "hydrated.json"), "utf8")));
}

/** Prepares a box in the demo and runs the command there; null when it ended as the verdict said beforehand, else what differs. */
export function hydrated(
  one: ToHydrate,
  at: { readonly root: string; readonly env: readonly string[]; readonly dir: string },
): string | null {
  const matrix = one.matrix === undefined ? [] : ["--matrix", one.matrix];
  const chosen = ["--workflow", one.workflow, "--job", one.job];
  const answer = explained(at.dir, at.root, chosen);
  if (typeof answer === "string") return answer;
  if (answer.kind !== "explained") return answer.kind;
  const { verdict } = answer.explanation;
  const comment = ["/crabbox", "run", ...chosen, ...matrix, "--", one.command].join(" ");
  const bare = join(at.root, `${one.repo}.git`);
  const where = ["--repo", bare, "--head", one.sha, "--base", one.sha, "--github-root", at.root];
  const env = at.env.flatMap((text) => ["--env", text]);
  const args = [DEMO, "--once", "--json", ...where, ...env, "--comment", comment];
  const { stdout, stderr } = spawnSync(process.execPath, args, {
    encoding: "utf8",
    timeout: TIMEOUT_MS,
    maxBuffer: MAX_BYTES,
  });
  const ended = stdout.split("\n").flatMap(lineOf).at(-1);
  if (ended === undefined) return `the demo told no end: ${stderr.trim().split("\n").at(-1) ?? ""}`;
  const isAsSaid = verdict === "cannot" ? ended.outcome === FAILED : ended.outcome === "succeeded";
  const title = Check.safeParse(ended.check_run).data?.output.title ?? "no title";
  return isAsSaid ? null : `verdict "${verdict}", outcome "${ended.outcome}": ${title}`;
}

function lineOf(text: string): readonly z.infer<typeof Line>[] {
  if (text === "") return [];
  const read = Line.safeParse(JSON.parse(text));
  return read.success ? [read.data] : [];
}
