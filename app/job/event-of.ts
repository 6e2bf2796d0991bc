import type { YamlMap } from "../../runner-bootstrap/boxd/steps/plan.ts";
import { didYouMean } from "../did-you-mean.ts";
import { AppError } from "../errors.ts";
import { EVENT_NAMES } from "../hydrate/read/event-shape.ts";
import type { WorkflowModel } from "../../runner-bootstrap/boxd/steps/jobs/model.ts";
import { eventPayload } from "./event.ts";
import type { JobOptions } from "./options.ts";
import type { RepositoryFacts } from "./repository-facts.ts";
import type { Happening } from "./triggers.ts";

/** Of a name that is no event, so much is repeated. */
const EVENT_MAX_CHARS = 60;

/** Events that have inputs. */
const TAKE_INPUTS = ["workflow_dispatch", "workflow_call"];

/** What a workflow is told to have happened. */
export type EventTold = {
  readonly event: string;
  readonly payload: YamlMap;
  readonly happening: Happening;
};

/**
 * The event that was asked for; else the one that takes inputs, when there are some; else push when the workflow knows it; else the
 * first one that it names. Throws `AppError` for one that
 * GitHub does not have: each `if` that asks for an event would quietly be false.
 */
export function eventOf(
  workflow: Pick<WorkflowModel, "events">,
  facts: RepositoryFacts,
  options: Pick<JobOptions, "event" | "payload" | "inputs">,
): EventTold {
  const { events } = workflow;
  const [first = "push"] = events;
  if (options.event !== null && !EVENT_NAMES.includes(options.event)) throw unknown(options.event);
  const likely = Object.keys(options.inputs).length > 0 ? TAKE_INPUTS : [];
  const event = options.event ?? [...likely, "push"].find((one) => events.includes(one)) ?? first;
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

/** A map within a map; empty when there is none. */
export function mapAt(map: YamlMap, key: string): YamlMap {
  const value = map[key];
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as YamlMap) : {};
}

function unknown(event: string): AppError {
  const guess = didYouMean(event, EVENT_NAMES);
  return new AppError(
    "bad_request",
    `There is no event "${event.slice(0, EVENT_MAX_CHARS)}".`,
    guess === null ? "Give --event one that `on` of a workflow may name." : `Did you mean ${guess}?`,
  );
}
