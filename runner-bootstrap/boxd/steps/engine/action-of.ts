/** Which action a `uses` step means, where its files are, and what its definition says. */

import { join, resolve } from "node:path";

import type { ActionDefinition, PlanAction, PlanStep } from "../plan.ts";
import type { Job } from "./job.ts";
import { readLocalAction } from "./local-action.ts";

export type Found = {
  readonly action: PlanAction;
  /** Null for an image. */
  readonly directory: string | null;
  readonly definition: ActionDefinition | null;
  readonly isLocal: boolean;
};

/** The action of a step, or why there is none. Reads a local action's file when the plan could not. */
export function actionOf(job: Job, item: PlanStep & { kind: "uses" }): Found | { readonly fault: string } {
  const action = planned(job, item);
  if (action === null)
    return {
      fault: `${item.uses} was not known when the job was planned, so its code was not brought here.`,
    };
  const { source } = action;
  // Of the workflow's own repository, whether it lies in the workspace or was carried: it has no ref.
  const isLocal = action.ref === undefined && source.kind !== "image";
  if (source.kind === "image") return { action, directory: null, definition: null, isLocal };
  const directory =
    source.kind === "archive"
      ? join(job.host.places.actions, source.archive, source.path)
      : resolve(job.host.places.workspace, source.path);
  if (action.definition !== null) return { action, directory, definition: action.definition, isLocal };
  const read = readLocalAction(action.name, directory, [job.host.places.workspace, job.host.places.actions]);
  return "fault" in read ? read : { action, directory, definition: read.definition, isLocal };
}

/** What a step inside an action that was read just now uses, is looked for by its name. */
function planned(job: Job, item: PlanStep & { kind: "uses" }): PlanAction | null {
  const known = item.action === "" ? undefined : job.plan.actions[item.action];
  if (known !== undefined) return known;
  const { uses } = item;
  if (uses.startsWith("docker://"))
    return { name: uses, source: { kind: "image", image: uses }, definition: null };
  if (uses.startsWith("./"))
    return { name: uses, source: localSource(job, uses.slice("./".length)), definition: null };
  const [name, ref] = uses.split("@");
  const found = Object.values(job.plan.actions).find(
    (action) => action.name.toLowerCase() === name?.toLowerCase() && action.ref === ref,
  );
  return found ?? null;
}

/** Where the plan's other local actions come from: on a box the base commit's tree, which a pull request does not change (law 12). */
function localSource(job: Job, path: string): PlanAction["source"] {
  const known = Object.values(job.plan.actions).find(
    ({ ref, source }) => ref === undefined && source.kind === "archive",
  );
  return known?.source.kind === "archive"
    ? { kind: "archive", archive: known.source.archive, path }
    : { kind: "workspace", path };
}
