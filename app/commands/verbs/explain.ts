import { cellCode, inlineCode } from "../../clamp.ts";
import { domainOf } from "../../forks/source.ts";
import { stepRows } from "../../hydrate/explain/step-rows.ts";
import type { StepRow } from "../../hydrate/explain/types.ts";
import type { HydrateAsked, StepsAsked } from "../../hydrate/hydrate-asked.ts";
import type { HydratePlan } from "../../hydrate/hydrate-plan.ts";
import { mergeHydrate } from "../../repo-config/narrow.ts";
import { defineCommand } from "../command.ts";
import { echo } from "../flags.ts";
import { HYDRATE_FLAGS, readHydrate } from "../hydrate-flags.ts";
import { readSteps, STEPS_FLAG, whyNotHead } from "../steps-flag.ts";

/** Rows shown; more are counted. */
const MAX_ROWS = 100;
const MAX_NOTES = 20;
const NAME_BYTES = 80;
const NOTE_BYTES = 300;

type Asked = { readonly hydrate: HydrateAsked | null; readonly steps: StepsAsked };

/** `/crabbox explain`: what would prepare the box, step by step, without a box. */
export const explain = defineCommand<Asked>({
  verb: "explain",
  usage: "explain [--workflow W] [--job J] [--matrix K=V] [--needs] [--steps head]",
  summary: "Shows which steps of the base branch's workflows would prepare the box, and what they need.",
  details: [
    "Nothing is started. Actions are shown with the commit they are pinned to; a step that needs what cannot be had is named with the reason.",
  ],
  flags: [...HYDRATE_FLAGS, STEPS_FLAG],
  takesCommand: false,
  needsBase: true,
  heedsFile: true,
  permission: "write",

  parse({ flags, words: [stray] }) {
    if (stray !== undefined)
      return { ok: false, message: `${echo(stray)} is one word too many: name a job with \`--job\`.` };
    const hydrate = readHydrate(flags);
    if (!hydrate.ok) return hydrate;
    const steps = readSteps(flags);
    return steps.ok ? { ok: true, value: { hydrate: hydrate.value, steps: steps.value } } : steps;
  },

  async handle(deps, context, { hydrate: named, steps }) {
    const { repository, pullRequest, actor, file } = context;
    const refusal = whyNotHead(steps, context);
    if (refusal !== null) return { ok: false, body: refusal };
    const asked = mergeHydrate(file.hydrate, named);
    const plan = await deps.hydration(
      {
        id: deps.ids.run(),
        actor: actor.login,
        baseRef: pullRequest.baseRef,
        baseSha: await context.baseTip(),
        checkoutSha: pullRequest.headSha,
        headRef: pullRequest.headRef,
        headSha: pullRequest.headSha,
        options: { ...steps, ...(asked === null ? {} : { hydrate: asked }) },
        pullRequest: pullRequest.number,
        trustDomain: domainOf(repository.id, pullRequest, steps.stepsFrom),
      },
      repository,
    );
    return { ok: plan.kind !== "refused", body: bodyOf(plan) };
  },
});

function bodyOf(plan: HydratePlan): string {
  if (plan.kind === "none")
    return `Nothing prepares the box: ${inlineCode(plan.reason, NOTE_BYTES)}. Name a job with \`--job\`, or \`hydrate\` in \`.github/crabbox.yml\`.`;
  if (plan.kind === "refused") {
    const step = plan.step === "" ? "" : `, ${inlineCode(plan.step, NOTE_BYTES)}`;
    const where = `${inlineCode(plan.place, NOTE_BYTES)}${step}`;
    return `A run would end as \`hydrate_failed\` before anything runs. ${where}: ${inlineCode(plan.reason, NOTE_BYTES)}.`;
  }
  const job = plan.kind === "plan" ? plan.phase.plan : null;
  if (plan.kind !== "plan" || job === null) return "Nothing prepares the box.";
  const { github, vars, inputs, matrix } = job.contexts;
  const known = { github, vars, inputs, matrix: matrix ?? {} };
  const rows = stepRows({ steps: job.steps, actions: job.actions, known });
  const shown = rows.slice(0, MAX_ROWS);
  const more = rows.length > shown.length ? [`${rows.length - shown.length} more rows are not shown.`] : [];
  return [
    `The job ${inlineCode(plan.job, NAME_BYTES)} of ${inlineCode(plan.path, NAME_BYTES)} would prepare the box, once for as long as it lives:`,
    "",
    "| # | Step | What | What happens |",
    "| ---: | --- | --- | --- |",
    ...shown.map(rowText),
    "",
    ...more,
    ...plan.notes.slice(0, MAX_NOTES).map((note) => `- ${inlineCode(note, NOTE_BYTES)}`),
  ].join("\n");
}

function rowText({ n, name, kind, using, sha, state, reason }: StepRow): string {
  const pin = sha === null ? "" : ` at \`${sha.slice(0, 12)}\``;
  const why = reason === "" ? "" : `: ${cellCode(reason, NAME_BYTES * 2)}`;
  return `| ${n} | ${cellCode(name, NAME_BYTES)} | ${using ?? kind}${pin} | ${state}${why} |`;
}
