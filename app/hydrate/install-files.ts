import {
  enterFolder,
  isMeantFile,
  startGlobs,
  type GlobState,
} from "../../runner-bootstrap/boxd/results/globs.ts";
import type { JobPlan, PlanStep, Template } from "../../runner-bootstrap/boxd/steps/plan.ts";

/** Files of a commit as GitHub lists them: path and blob id. */
export type TreeFile = { readonly path: string; readonly sha: string };

/** Lock files, what they are made from, and files that name a tool's version, as the set-up actions and package managers look for them. */
const BY_NAME =
  /^(?:package(?:-lock)?\.json|npm-shrinkwrap\.json|yarn\.lock|\.yarnrc(?:\.yml)?|\.npmrc|pnpm-lock\.yaml|pnpm-workspace\.yaml|bun\.lockb?|deno\.(?:lock|jsonc?)|go\.(?:mod|sum|work|work\.sum)|cargo\.(?:toml|lock)|rust-toolchain(?:\.toml)?|pyproject\.toml|poetry\.lock|uv\.(?:lock|toml)|pdm\.lock|pipfile(?:\.lock)?|setup\.(?:py|cfg)|(?:dev-?|test-?)?(?:requirements|constraints)[\w.-]*\.(?:txt|in)|environment\.ya?ml|gemfile(?:\.lock)?|gems\.(?:rb|locked)|[\w.-]+\.gemspec|composer\.(?:json|lock)|pom\.xml|(?:build|settings)\.gradle(?:\.kts)?|gradle\.(?:properties|lockfile)|gradle-wrapper\.properties|libs\.versions\.toml|maven-wrapper\.properties|build\.sbt|packages\.lock\.json|directory\.packages\.props|global\.json|[\w.-]+\.(?:cs|fs|vb)proj|mix\.(?:exs|lock)|rebar\.(?:config|lock)|pubspec\.(?:yaml|lock)|package\.resolved|cpanfile(?:\.snapshot)?|conanfile\.(?:txt|py)|conan\.lock|vcpkg\.json|flake\.(?:nix|lock)|\.tool-versions|\.?mise\.toml|\.sdkmanrc|\.(?:node|nvm|ruby|python|java|go|terraform)-version|\.nvmrc)$/iu;
/** Files in folders of this name are requirements, too. */
const REQUIREMENTS = /(?:^|\/)requirements\/[^/]+\.(?:txt|in)$/iu;

const HASHED = /hashFiles\s*\(([^)]{0,2000})\)/giu;
const QUOTED = /'([^']{1,500})'/gu;
/** Inputs that hold paths or patterns, one a line (setup-node, setup-python, setup-go, setup-uv). */
const PATH_INPUT = /^(?:cache-dependency-(?:path|glob)|[\w-]*-file)$/iu;
/** What ends a file's name in a script. */
const BETWEEN = /[\s"'`;|&()<>=,:]+/u;
/** Patterns of one plan; real ones have a handful. */
const MAX_PATTERNS = 100;
/** As in @actions/glob's users: far longer than any real one. */
const MAX_PATTERN_CHARS = 500;

/**
 * Tells of a file of the commit under test whether what the plan installs may depend on it: lock files and their like wherever they lie,
 * files that the steps name, and what `hashFiles` or an action's path inputs choose. What a named script reads in turn is not known.
 */
export function installFiles(plan: JobPlan): (path: string) => boolean {
  const texts: string[] = [];
  const lines: string[] = [];
  for (const step of everyStep(plan)) {
    if (step.kind === "run") texts.push(step.run);
    if (step.kind !== "uses") continue;
    for (const [name, value] of Object.entries(step.with)) {
      texts.push(value);
      if (PATH_INPUT.test(name)) lines.push(...value.split("\n"));
    }
  }
  // Conditions, environments and all else that may hold an expression.
  for (const [, list = ""] of JSON.stringify(plan).matchAll(HASHED))
    for (const [, pattern = ""] of list.matchAll(QUOTED)) lines.push(pattern);
  const named = new Set(texts.flatMap((text) => text.split(BETWEEN)).map(plainPath));
  const patterns = [...new Set(lines.map(plainPath))]
    .filter((line) => line !== "" && !line.startsWith("!") && !line.includes("${{"))
    .filter((line) => line.length <= MAX_PATTERN_CHARS)
    .slice(0, MAX_PATTERNS);
  const isChosen = chooser(patterns);
  return (path) =>
    BY_NAME.test(path.slice(path.lastIndexOf("/") + 1)) ||
    REQUIREMENTS.test(path) ||
    named.has(path) ||
    isChosen(path);
}

function everyStep(plan: JobPlan): readonly PlanStep[] {
  const nested = Object.values(plan.actions).flatMap(({ definition }) =>
    definition?.runs.using === "composite" ? definition.runs.steps : [],
  );
  const steps = [...plan.steps, ...nested];
  return steps.flatMap((step) => (step.kind === "parallel" ? step.steps : [step]));
}

function plainPath(path: Template): string {
  return path.trim().replace(/^(?:\$\{\{\s*github\.workspace\s*\}\}\/|\.\/)+/u, "");
}

/**
 * `**` over folders, `*` and `?` within a name; a folder's name means all below it. Walked folder by folder, each once, so that the time
 * grows with the paths and not with what stars could mean.
 */
function chooser(patterns: readonly string[]): (path: string) => boolean {
  const states = new Map<string, GlobState>([
    ["", startGlobs(patterns.flatMap((pattern) => [pattern, `${pattern}/**`]))],
  ]);
  const stateOf = (folder: string): GlobState => {
    const known = states.get(folder);
    if (known !== undefined) return known;
    const [above, name] = split(folder);
    const { state } = enterFolder(stateOf(above), name);
    states.set(folder, state);
    return state;
  };
  return (path) => {
    const [folder, name] = split(path);
    return isMeantFile(stateOf(folder), name);
  };
}

function split(path: string): readonly [string, string] {
  const at = path.lastIndexOf("/");
  return at === -1 ? ["", path] : [path.slice(0, at), path.slice(at + 1)];
}
