import type { JobAsked } from "../../hydrate/hydrate-asked.ts";
import { forbiddenCharacter } from "../../plain-text.ts";
import { MAX_JOB_CHARS } from "../../repo-config/hydrate-keys.ts";
import { jobCheckName } from "../check-name.ts";
import { defineCommand } from "../command.ts";
import { echo } from "../flags.ts";
import { MATRIX_FLAG, readMatrix, textOf } from "../hydrate-flags.ts";
import { OPTION_FLAGS, readOptions, type AskedOptions } from "../run-options.ts";
import { startRun } from "../start-run.ts";

type JobRequest = {
  readonly job: JobAsked;
  readonly asked: AskedOptions;
  readonly noop: boolean;
};

/** What GitHub takes as a job's id. */
const ID = /^[a-z_][\w-]*$/iu;

/** `/crabbox job`: a workflow's job with all its steps, as the base branch has them, on the head commit. */
export const job = defineCommand<JobRequest>({
  verb: "job",
  usage: "job JOB [--workflow W] [--matrix K=V] [--only] [--class CLASS] [--timeout 30m] [--noop]",
  summary:
    "Runs a whole job of the base branch's workflows on a box: all its steps, on this pull request's newest commit.",
  details: [
    "The jobs it needs run first on the same box, one after the other, each on a clean work tree; their outputs are handed on. Of its matrix " +
      "the first combination runs, or the one that `--matrix` names.",
    "",
    "The check is a success when the job is; a failed one names the step. The box stays warm for a look (`/crabbox keep`), and the next " +
      "`/crabbox run` on it prepares it anew.",
    "",
    "Example: `/crabbox job test --matrix node=24 --class large`",
  ],
  flags: [
    { name: "workflow", value: "W", summary: "The workflow that has the job: a path, file name or name." },
    MATRIX_FLAG,
    { name: "only", summary: "Without the jobs it needs, as if they had ended well and handed on nothing." },
    ...OPTION_FLAGS,
    { name: "noop", summary: "Only say what would happen, who may, and what it could cost." },
  ],
  takesCommand: false,
  needsBase: true,
  heedsFile: true,
  permission: "write",

  parse({ flags, words }) {
    const [name, stray] = words;
    if (name === undefined) return { ok: false, message: "Which job? Put its id behind the verb." };
    if (stray !== undefined)
      return { ok: false, message: `${echo(stray)} is one word too many: one job a command.` };
    if (!ID.test(name) || name.length > MAX_JOB_CHARS)
      return {
        ok: false,
        message: `${echo(name)} is no job's id: those have letters, digits, \`-\` and \`_\`.`,
      };
    const workflow = textOf(flags, "workflow");
    if (workflow !== undefined && (workflow.length > MAX_JOB_CHARS || forbiddenCharacter(workflow) !== null))
      return { ok: false, message: `\`--workflow\` takes at most ${MAX_JOB_CHARS} plain characters.` };
    const matrix = readMatrix(flags);
    if (!matrix.ok) return matrix;
    const options = readOptions(flags);
    if (!options.ok) return options;
    return {
      ok: true,
      value: {
        job: {
          ...(workflow === undefined ? {} : { workflow }),
          job: name,
          ...(matrix.value === null ? {} : { matrix: matrix.value }),
          ...(flags.get("only") === true ? { only: true } : {}),
        },
        asked: options.value,
        noop: flags.get("noop") === true,
      },
    };
  },

  async handle(deps, context, request) {
    return startRun(deps, context, {
      command: { kind: "line", text: wordsOf(request.job) },
      checkName: (asked) => jobCheckName(request.job, asked),
      asked: request.asked,
      named: {},
      options: { job: request.job },
      noop: request.noop,
    });
  },
});

/** The job as a comment asks for it, without what every run may ask for. */
function wordsOf({ workflow, job: name, matrix, only }: JobAsked): string {
  return [
    `job ${name}`,
    ...(workflow === undefined ? [] : [`--workflow ${quoted(workflow)}`]),
    ...Object.entries(matrix ?? {}).map(([key, value]) => `--matrix ${quoted(`${key}=${value}`)}`),
    ...(only === true ? ["--only"] : []),
  ].join(" ");
}

/** As the grammar of commands splits words: quotes keep white space and know no escapes. */
function quoted(text: string): string {
  if (/^[\w./=-]+$/u.test(text)) return text;
  return text.includes('"') ? `'${text}'` : `"${text}"`;
}
