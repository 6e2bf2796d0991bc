import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { z } from "zod";

const MAIN = join(import.meta.dirname, "..", "..", "app", "cli", "main.ts");
/** An answer takes half a second; what takes this long hangs. */
const TIMEOUT_MS = 60_000;
const MAX_BYTES = 64 * 1024 * 1024;

const Step = z.object({ n: z.string(), name: z.string(), state: z.string() });
const Explained = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("explained"),
    workflow: z.string(),
    job: z.string(),
    explanation: z.object({
      verdict: z.string(),
      jobs: z.array(z.object({ id: z.string(), steps: z.array(Step) })),
    }),
  }),
  z.object({
    kind: z.literal("ask"),
    candidates: z.array(z.object({ workflow: z.string(), job: z.string() })),
  }),
  z.object({ kind: z.literal("none") }),
]);

export type Explained = z.infer<typeof Explained>;

/** What `crabbox-app explain --json` says of the repository at `dir`; a string when that was no answer. */
export function explained(dir: string, root: string | null, more: readonly string[]): Explained | string {
  const args = [MAIN, "explain", "--repo", dir, "--json", ...more];
  const result = spawnSync(process.execPath, root === null ? args : [...args, "--github-root", root], {
    encoding: "utf8",
    timeout: TIMEOUT_MS,
    maxBuffer: MAX_BYTES,
  });
  if (result.status !== 0 && result.status !== 1)
    return `exit code ${result.status ?? result.signal}: ${result.stderr.trim().split("\n").at(-1)}`;
  try {
    const parsed = Explained.safeParse(JSON.parse(result.stdout));
    return parsed.success ? parsed.data : `not in the form that is published: ${parsed.error.message}`;
  } catch {
    return `no JSON: ${result.stdout.slice(0, 200)}`;
  }
}
