import { utf8Bytes } from "../clamp.ts";
import { writeDuration } from "../duration.ts";
import type { HydrateAsked, JobAsked } from "../hydrate/hydrate-asked.ts";
import type { Repository, Run, RunOptions } from "../store/rows.ts";

/** A command as long as GitHub lets a comment be would crowd out the rest of the summary; the comment itself has it whole. */
const SHOWN_BYTES = 10_000;

/** The comment that asks for the same run again: what was left to the server's defaults is left to them here. */
export function reproduceComment(run: Run, defaults: RunOptions): string {
  const { options } = run;
  const flags = [
    options.class === defaults.class ? "" : ` --class ${options.class}`,
    options.provider === undefined || options.provider === defaults.provider
      ? ""
      : ` --provider ${options.provider}`,
    options.timeoutMs === defaults.timeoutMs ? "" : ` --timeout ${writeDuration(options.timeoutMs)}`,
    options.ttlMs === defaults.ttlMs ? "" : ` --ttl ${writeDuration(options.ttlMs)}`,
    options.idleMs === defaults.idleMs ? "" : ` --idle ${writeDuration(options.idleMs)}`,
    ...(options.hydrate?.by === "name" ? hydrateFlags(options.hydrate) : []),
    options.stepsFrom === undefined ? "" : ` --steps ${options.stepsFrom}`,
  ].join("");
  // Its command is what was commented, but for what every run may ask for.
  if (options.job !== undefined) return `/crabbox ${run.command}${flags}`;
  if (run.commandKind === "line") return `/crabbox run${flags} -- ${run.command}`;
  const marks = "`".repeat(Math.max(3, longestRun(run.command) + 1));
  return `/crabbox run${flags}\n${marks}bash\n${run.command}\n${marks}`;
}

/** The comment that approves a held run's commit. */
export function approveComment(run: Pick<Run, "headSha">): string {
  return `/crabbox approve ${run.headSha}`;
}

/** The same by hand, to paste into bash in a clone; `workflow` is that of a whole job. */
export function byHand(
  run: Run,
  repository: Repository,
  webUrl: string,
  workflow: string | null = null,
): string {
  const remote = `${webUrl.replace(/\/$/u, "")}/${repository.owner}/${repository.name}.git`;
  const fetch = `git fetch ${remote} ${run.checkoutSha}\ngit checkout --detach ${run.checkoutSha}`;
  const { job } = run.options;
  if (job !== undefined) {
    const named = workflow ?? job.workflow ?? ".github/workflows";
    return `${fetch}\nnpx crabbox-app job --workflow ${shellWord(named)} ${jobFlags(job)}`;
  }
  if (run.commandKind === "line") return `${fetch}\n${run.command}`;
  let word = "SCRIPT";
  while (run.command.split("\n").includes(word)) word += "_";
  return `${fetch}\nbash <<'${word}'\n${run.command}\n${word}`;
}

/** True when the command is too long to be shown whole. */
export function isCommandCut(run: Run): boolean {
  return utf8Bytes(run.command) > SHOWN_BYTES;
}

/** The command in one line for a table. */
export function commandSummary(run: Run): string {
  if (run.commandKind === "line") return run.command;
  const lines = run.command.split("\n").filter((line) => line.trim() !== "");
  const first = lines.find((line) => !line.trimStart().startsWith("#")) ?? lines[0] ?? "";
  return lines.length <= 1 ? first : `${first} (script of ${lines.length} lines)`;
}

function hydrateFlags({ workflow, job, matrix, needs }: HydrateAsked): readonly string[] {
  return [
    workflow === undefined ? "" : ` --workflow ${quoted(workflow)}`,
    job === undefined ? "" : ` --job ${quoted(job)}`,
    ...Object.entries(matrix ?? {}).map(([key, value]) => ` --matrix ${quoted(`${key}=${value}`)}`),
    needs === true ? " --needs" : "",
  ];
}

function jobFlags({ job, matrix, only }: JobAsked): string {
  const values = Object.entries(matrix ?? {}).map(
    ([key, value]) => ` --matrix ${shellWord(`${key}=${value}`)}`,
  );
  return `--job ${shellWord(job)}${values.join("")}${only === true ? " --only" : ""}`;
}

function shellWord(text: string): string {
  return /^[\w./=-]+$/u.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** As the grammar of commands splits words: quotes keep white space and know no escapes. */
function quoted(name: string): string {
  if (/^[\w./-]+$/u.test(name)) return name;
  return name.includes('"') ? `'${name}'` : `"${name}"`;
}

function longestRun(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/gu)].map(([run]) => run.length));
}
