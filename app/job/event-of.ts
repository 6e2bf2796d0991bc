import type { YamlMap } from "../../runner-bootstrap/boxd/steps/plan.ts";
import type { WorkflowModel } from "../hydrate/read/model.ts";
import { eventPayload } from "./event.ts";
import type { JobOptions } from "./options.ts";
import type { RepositoryFacts } from "./repository-facts.ts";
import type { Happening } from "./triggers.ts";

/** What a workflow is told to have happened. */
export type EventTold = {
  readonly event: string;
  readonly payload: YamlMap;
  readonly happening: Happening;
};

/** The event that was asked for; else push when the workflow knows it, else the first one that it names. */
export function eventOf(
  workflow: Pick<WorkflowModel, "events">,
  facts: RepositoryFacts,
  options: Pick<JobOptions, "event" | "payload" | "inputs">,
): EventTold {
  const [first = "push"] = workflow.events;
  const event = options.event ?? (workflow.events.includes("push") ? "push" : first);
  const payload = eventPayload(event, facts, {
    inputs: options.inputs,
    payload: options.payload,
    message: facts.message,
  });
  const base = mapAt(mapAt(payload, "pull_request"), "base")["ref"];
  const { action, ref } = payload;
  return {
    event,
    payload,
    happening: {
      event,
      activity: typeof action === "string" ? action : null,
      ref:
        typeof base === "string"
          ? `refs/heads/${base}`
          : typeof ref === "string" && ref.startsWith("refs/")
            ? ref
            : (facts.ref ?? `refs/heads/${facts.defaultBranch}`),
    },
  };
}

function mapAt(map: YamlMap, key: string): YamlMap {
  const value = map[key];
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as YamlMap) : {};
}
