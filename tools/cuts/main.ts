import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { readArguments } from "./arguments.ts";
import { checkOut, repositoriesIn } from "./checkout.ts";
import { explained, type Explained } from "./explained.ts";
import { hydrated, toHydrate } from "./hydrated.ts";

const WORKFLOWS = ".github/workflows";
const Expected = z.array(
  z.object({
    repo: z.string(),
    sha: z.string(),
    language: z.string(),
    workflow: z.string(),
    job: z.string(),
    /** Jobs between which it asks; left out: it chooses by itself. */
    asks: z.array(z.string()).optional(),
    /** Steps before the end of the set-up that run or are answered. */
    runs: z.number(),
    stopsAt: z.string(),
  }),
);
type Expected = z.infer<typeof Expected>[number];

const asked = readArguments(process.argv.slice(2));
if (typeof asked === "number") process.exit(asked);
const dir = mkdtempSync(join(tmpdir(), "crabbox-cuts-"));
let differs = 0;
try {
  const file = readFileSync(join(import.meta.dirname, "expected.json"), "utf8");
  for (const one of Expected.parse(JSON.parse(file)))
    say(`${one.repo} (${one.language})`, compared(one, asked.root));
  if (asked.root !== null && asked.every) everyWorkflow(asked.root);
  if (asked.root !== null && asked.hydrate !== null) hydrateAll(asked.root, asked.hydrate.env);
} finally {
  rmSync(dir, { recursive: true, force: true });
}
console.log(differs === 0 ? "all as expected" : `${differs} differ`);
process.exit(differs === 0 ? 0 : 1);

function say(what: string, wrong: string | null): void {
  if (wrong !== null) differs += 1;
  console.log(wrong === null ? `same    ${what}` : `DIFFERS ${what}: ${wrong}`);
}

function compared(one: Expected, root: string | null): string | null {
  const into = join(dir, one.repo.replace("/", "+"));
  checkOut(root, one.repo, one.sha, into);
  let answer = explained(into, root, []);
  if (typeof answer === "string") return answer;
  const candidates = answer.kind === "ask" ? answer.candidates.map(({ job }) => job).sort() : undefined;
  if (candidates?.join() !== one.asks?.join()) return `it asks between ${candidates?.join() ?? "none"}`;
  if (candidates !== undefined)
    answer = explained(into, root, ["--workflow", one.workflow, "--job", one.job]);
  return typeof answer === "string" ? answer : cutOf(one, answer);
}

function cutOf(one: Expected, answer: Explained): string | null {
  if (answer.kind !== "explained") return answer.kind;
  if (answer.workflow !== `${WORKFLOWS}/${one.workflow}` || answer.job !== one.job)
    return `${answer.workflow}, job ${answer.job}`;
  const steps = answer.explanation.jobs.find(({ id }) => id === one.job)?.steps ?? [];
  const own = steps.filter(({ n }) => !n.includes("."));
  const runs = own.filter(({ state }) => state !== "skipped").length;
  if (runs !== one.runs) return `${runs} steps run`;
  return own.some(({ name, state }) => name === one.stopsAt && state === "skipped")
    ? null
    : `"${one.stopsAt}" does not end it`;
}

function hydrateAll(root: string, env: readonly string[]): void {
  for (const one of toHydrate()) {
    const into = join(dir, `hydrate+${one.repo.replace("/", "+")}`);
    checkOut(root, one.repo, one.sha, into);
    say(`${one.repo} ${one.workflow} ${one.job}, hydrated`, hydrated(one, { root, env, dir: into }));
  }
}

function everyWorkflow(root: string): void {
  let workflows = 0;
  const repositories = repositoriesIn(root);
  for (const repository of repositories) {
    const into = join(dir, `every+${repository.replace("/", "+")}`);
    for (const name of workflowsOf(root, repository, into)) {
      const answer = explained(into, root, ["--workflow", `${WORKFLOWS}/${name}`]);
      workflows += 1;
      if (typeof answer === "string") say(`${repository} ${name}`, answer);
    }
  }
  console.log(`explained ${workflows} workflows of ${repositories.length} repositories`);
}

function workflowsOf(root: string, repository: string, into: string): readonly string[] {
  try {
    checkOut(root, repository, "HEAD", into);
    const names = readdirSync(join(into, WORKFLOWS)).filter((name) => /\.ya?ml$/u.test(name));
    console.log(`${repository}: ${names.length} workflows`);
    return names;
  } catch {
    console.log(`${repository}: no workflows`);
    return [];
  }
}
