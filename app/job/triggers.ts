import type { Yaml, YamlMap } from "../../runner-bootstrap/boxd/steps/plan.ts";
import { matchesFilter } from "./filter-pattern.ts";

/** What is known of the event that a workflow is asked about. */
export type Happening = {
  readonly event: string;
  /** `action` of the payload. */
  readonly activity: string | null;
  /** The pushed ref, or a pull request's base branch as `refs/heads/NAME`. */
  readonly ref: string;
};

/** Activity types that count when `types:` is left out; every type does for other events. */
const DEFAULT_TYPES: Readonly<Record<string, readonly string[]>> = {
  pull_request: ["opened", "synchronize", "reopened"],
  pull_request_target: ["opened", "synchronize", "reopened"],
};

/**
 * True when a workflow with this `on:` runs for the event: its name, its `types`, its filters of branches and tags. Filters of paths
 * are taken as met, because what changed is not known here.
 */
export function isTriggered(on: Yaml, happening: Happening): boolean {
  const { event } = happening;
  if (typeof on === "string") return on === event && hasDefaultType({}, happening);
  if (Array.isArray(on)) return on.includes(event) && hasDefaultType({}, happening);
  const map = asMap(on);
  if (!Object.hasOwn(map, event)) return false;
  const filter = asMap(map[event]);
  return hasDefaultType(filter, happening) && passesRefs(filter, happening.ref);
}

function hasDefaultType(filter: YamlMap, { event, activity }: Happening): boolean {
  if (activity === null) return true;
  const types = filter["types"] === undefined ? DEFAULT_TYPES[event] : asList(filter["types"]);
  return types === undefined || types.includes(activity);
}

function passesRefs(filter: YamlMap, ref: string): boolean {
  const isTag = ref.startsWith("refs/tags/");
  const name = ref.replace(/^refs\/(?:heads|tags)\//u, "");
  const [mine, other] = isTag ? ["tags", "branches"] : ["branches", "tags"];
  const only = filter[mine];
  const ignored = filter[`${mine}-ignore`];
  if (only !== undefined) return matchesFilter(asList(only), name);
  if (ignored !== undefined) return !matchesFilter(asList(ignored), name);
  // A filter of branches alone leaves out tags, and the other way round.
  return filter[other] === undefined && filter[`${other}-ignore`] === undefined;
}

function asMap(value: Yaml | undefined): YamlMap {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as YamlMap) : {};
}

function asList(value: Yaml): readonly string[] {
  if (typeof value === "string") return [value];
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === "string") : [];
}
