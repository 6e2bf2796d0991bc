import { readActionSteps } from "./action-steps.ts";
import {
  entriesOf,
  FileError,
  filledText,
  isNothing,
  textOf,
  textsOf,
  valueAt,
  type Entry,
  type Located,
} from "./located.ts";
import type { ActionDefinition, Template } from "./plan.ts";

type Runs = ActionDefinition["runs"];
type NodeVersion = Extract<Runs, { main: string }>["using"];

const NODE_VERSIONS: readonly NodeVersion[] = ["node12", "node16", "node20", "node24"];

/** The checked meaning of an action's file; throws `FileError` at its first fault. Keys nobody knows beside `runs` are let be, as on GitHub. */
export function readDefinition(root: Located, path: string): ActionDefinition {
  const entries = entriesOf(root, "An action's file");
  const name = valueAt(entries, "name");
  const runs = valueAt(entries, "runs");
  if (runs === undefined || isNothing(runs))
    throw new FileError(root, "The file has no `runs:`, so it is no action.");
  return {
    name: name === undefined ? "" : textOf(name, "`name`"),
    inputs: readInputs(valueAt(entries, "inputs")),
    outputs: readOutputs(valueAt(entries, "outputs")),
    runs: readRuns(runs, path),
  };
}

/** An action that is a Dockerfile and nothing else, as the official runner takes it (ActionManager.cs). */
export function dockerfileAction(name: string, dockerfile: string): ActionDefinition {
  const runs: Runs = { using: "docker", image: dockerfile, args: [], env: {} };
  return { name, inputs: {}, outputs: {}, runs };
}

function readInputs(value: Located | undefined): ActionDefinition["inputs"] {
  if (value === undefined) return {};
  return Object.fromEntries(
    entriesOf(value, "`inputs`").map((entry) => {
      const said = entriesOf(entry.value, `The input \`${entry.key}\``);
      // The official runner compares these two names without case.
      const at = (key: string): Located | undefined =>
        said.find((one) => one.key.toLowerCase() === key)?.value;
      const fallback = at("default");
      const deprecation = at("deprecationmessage");
      return [
        entry.key,
        {
          required: isTrue(at("required")),
          ...(fallback === undefined ? {} : { default: textOf(fallback, `The default of \`${entry.key}\``) }),
          ...(deprecation === undefined
            ? {}
            : { deprecation: textOf(deprecation, `The deprecation message of \`${entry.key}\``) }),
        },
      ];
    }),
  );
}

function readOutputs(value: Located | undefined): ActionDefinition["outputs"] {
  if (value === undefined) return {};
  return Object.fromEntries(
    entriesOf(value, "`outputs`").map((entry) => {
      const given = valueAt(entriesOf(entry.value, `The output \`${entry.key}\``), "value");
      return [entry.key, given === undefined ? {} : { value: textOf(given, `The output \`${entry.key}\``) }];
    }),
  );
}

function readRuns(value: Located, path: string): Runs {
  const entries = entriesOf(value, "`runs`");
  const using = valueAt(entries, "using");
  if (using === undefined) {
    const plugin = entries.find((entry) => entry.key === "plugin");
    if (plugin !== undefined)
      throw new FileError(
        plugin.at,
        "The action is a plugin inside GitHub's own runner (as actions/checkout@v1 was): it has no program to run. Use a newer version of it.",
      );
    throw new FileError(value, "`runs` has no `using:`.");
  }
  const kind = filledText(using, "`using`").toLowerCase();
  const version = NODE_VERSIONS.find((one) => one === kind);
  if (version !== undefined) return readNode(entries, version, using);
  if (kind === "docker") return readDocker(entries, using);
  if (kind !== "composite")
    throw new FileError(
      using,
      `\`using: ${kind.slice(0, 40)}\` is not known; there are composite, docker, ${NODE_VERSIONS.join(", ")}.`,
    );
  const steps = valueAt(entries, "steps");
  if (steps === undefined) throw new FileError(value, "The composite action has no `steps:`.");
  return { using: "composite", steps: readActionSteps(steps, path) };
}

function readNode(entries: readonly Entry[], using: NodeVersion, at: Located): Runs {
  const main = valueAt(entries, "main");
  if (main === undefined) throw new FileError(at, "The JavaScript action has no `main:`.");
  return {
    using,
    main: filledText(main, "`main`"),
    ...optional(entries, "pre", "pre"),
    ...optional(entries, "pre-if", "preIf"),
    ...optional(entries, "post", "post"),
    ...optional(entries, "post-if", "postIf"),
  };
}

function readDocker(entries: readonly Entry[], at: Located): Runs {
  const image = valueAt(entries, "image");
  if (image === undefined) throw new FileError(at, "The Docker action has no `image:`.");
  return {
    using: "docker",
    image: filledText(image, "`image`"),
    args: readArgs(valueAt(entries, "args")),
    env: textsOf(valueAt(entries, "env"), "`env`"),
    ...optional(entries, "entrypoint", "entrypoint"),
    ...optional(entries, "pre-entrypoint", "preEntrypoint"),
    ...optional(entries, "pre-if", "preIf"),
    ...optional(entries, "post-entrypoint", "postEntrypoint"),
    ...optional(entries, "post-if", "postIf"),
  };
}

function readArgs(value: Located | undefined): readonly Template[] {
  if (value === undefined || isNothing(value)) return [];
  if (value.kind !== "list") throw new FileError(value, "`args` must be a list.");
  return value.items.map((item) => textOf(item, "An entry of `args`"));
}

function optional<K extends string>(entries: readonly Entry[], key: string, as: K): { [P in K]?: string } {
  const value = valueAt(entries, key);
  if (value === undefined || isNothing(value)) return {};
  return { [as]: filledText(value, `\`${key}\``) } as { [P in K]?: string };
}

function isTrue(value: Located | undefined): boolean {
  return value?.kind === "scalar" && String(value.value).toLowerCase() === "true";
}
