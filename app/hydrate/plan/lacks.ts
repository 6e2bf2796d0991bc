import { runnerOf } from "../../../runner-bootstrap/boxd/steps/jobs/runner.ts";
import type { JobModel, StepsJob, WorkflowModel } from "../../../runner-bootstrap/boxd/steps/jobs/model.ts";
import { machineOf, wrongMachine } from "../../../runner-bootstrap/boxd/steps/jobs/machine.ts";
import { namesFrom } from "./texts.ts";
import { hostedTools } from "./tools.ts";
import type { Lack } from "../../../runner-bootstrap/boxd/steps/jobs/types.ts";
import type { RunFacts } from "./types.ts";

type Known = Pick<RunFacts, "vars" | "secrets" | "noSecrets" | "dockerMissing">;
/** How secrets reach a job: all by their own names, or only those its caller hands on. */
type Handing = { readonly secrets: ReadonlySet<string> | null };

/** What a job asks for that cannot be had here, or may not be; from its text alone. */
export function lacksOf(
  workflow: WorkflowModel,
  job: JobModel,
  known: Known,
  handing: Handing,
): readonly Lack[] {
  const lacks: Lack[] = [];
  const add = (level: Lack["level"], about: Lack["about"], name: string, reason: string): void => {
    lacks.push({ level, about, name, reason, place: job.place });
  };
  const permissions = job.permissions ?? workflow.permissions;
  if (
    permissions === "write-all" ||
    (typeof permissions === "object" && permissions["id-token"] === "write")
  ) {
    add(
      permissions === "write-all" ? "note" : "lack",
      "id-token",
      "id-token: write",
      "Only GitHub can issue identity tokens (OIDC); a step that asks for one fails.",
    );
  }
  const body =
    job.kind === "steps"
      ? { ...job, place: null, workflow: workflow.env }
      : { with: job.with, secrets: job.secrets };
  const has = (map: Readonly<Record<string, string>>, name: string): boolean =>
    Object.entries(map).some(([key, value]) => key.toLowerCase() === name.toLowerCase() && value !== "");
  const why = known.noSecrets === undefined ? "" : ` (${known.noSecrets})`;
  for (const name of namesFrom("secrets", body)) {
    const isGiven =
      handing.secrets === null ? has(known.secrets, name) : handing.secrets.has(name.toLowerCase());
    if (isGiven) continue;
    add("lack", "secret", name, `The secret ${name} is not given${why}; it is empty text.`);
  }
  for (const name of namesFrom("vars", body)) {
    if (!has(known.vars, name))
      add("note", "variable", name, `The variable ${name} is not given; it is empty text.`);
  }
  return job.kind === "steps" ? [...lacks, ...machineLacks(job, known)] : lacks;
}

function machineLacks(job: StepsJob, { dockerMissing }: Known): readonly Lack[] {
  const lacks: Lack[] = [];
  const { place } = job;
  const { labels } = runnerOf(job.runsOn);
  const machine = machineOf(labels);
  if (machine !== null) lacks.push(wrongMachine(machine, place));
  if (labels.some((label) => label.toLowerCase() === "self-hosted"))
    lacks.push({
      level: "note",
      about: "runner",
      name: "self-hosted",
      reason: "The job wants a machine of its owner's own; what that has is not known here.",
      place,
    });
  if (dockerMissing !== null) {
    const wanting = [
      ...(job.container === undefined ? [] : ["container"]),
      ...(typeof job.services === "string" || Object.keys(job.services).length > 0 ? ["services"] : []),
    ];
    for (const name of wanting)
      lacks.push({
        level: "stop",
        about: "docker",
        name,
        reason: `\`${name}\` needs Docker: ${dockerMissing}.`,
        place,
      });
  }
  if (job.environment !== undefined)
    lacks.push({
      level: "note",
      about: "environment",
      name: job.environment.name,
      reason: "Rules, secrets and variables of the environment are not asked of GitHub.",
      place,
    });
  for (const { tool, place: at } of job.container === undefined ? hostedTools(job.steps) : [])
    lacks.push({
      level: "note",
      about: "tool",
      name: tool,
      reason: `No step sets up \`${tool}\`; GitHub's own machines have it.`,
      place: at,
    });
  return lacks;
}
