import { FileError, filledText, textOf, textsOf, valueAt, type Entry, type Located } from "./located.ts";
import type { ActionStep, Template } from "./plan.ts";

/** The keys of a composite's step, by kind (actions/runner action_yaml.json, `run-step` and `uses-step`). */
const COMMON_KEYS = ["name", "id", "if", "env", "continue-on-error"];
const RUN_KEYS = [...COMMON_KEYS, "run", "working-directory", "shell"];
const USES_KEYS = [...COMMON_KEYS, "uses", "with"];
/** GitHub's form of a step's id; two leading underscores are its own. */
const STEP_ID = /^(?!__)[A-Za-z_][A-Za-z0-9_-]*$/u;

/** The steps of a composite action; throws `FileError` at the first fault. */
export function readActionSteps(value: Located, path: string): readonly ActionStep[] {
  if (value.kind !== "list") throw new FileError(value, "`steps` must be a list.");
  const ids = new Set<string>();
  return value.items.map((item) => {
    const step = readStep(item, path);
    const id = step.id?.toLowerCase();
    if (id !== undefined && ids.has(id)) throw new FileError(item, `Two steps have the id \`${step.id}\`.`);
    if (id !== undefined) ids.add(id);
    return step;
  });
}

function readStep(value: Located, path: string): ActionStep {
  if (value.kind !== "map") throw new FileError(value, "A step must be a mapping.");
  const { entries } = value;
  const run = valueAt(entries, "run");
  const uses = valueAt(entries, "uses");
  if (run === undefined && uses === undefined)
    throw new FileError(value, "The step has neither `run:` nor `uses:`.");
  refuseUnknown(entries, run === undefined ? USES_KEYS : RUN_KEYS, run === undefined ? "uses" : "run");
  const base = { ...readBase(entries), place: { path, line: value.line, column: value.column } };
  if (run === undefined && uses !== undefined)
    return {
      ...base,
      kind: "uses",
      uses: filledText(uses, "`uses`"),
      action: "",
      with: textsOf(valueAt(entries, "with"), "`with`"),
    };
  const shell = valueAt(entries, "shell");
  if (shell === undefined)
    throw new FileError(value, "A `run:` step of a composite action must name its `shell:`.");
  const directory = valueAt(entries, "working-directory");
  return {
    ...base,
    kind: "run",
    run: run === undefined ? "" : textOf(run, "`run`"),
    shell: filledText(shell, "`shell`"),
    ...(directory === undefined ? {} : { workingDirectory: textOf(directory, "`working-directory`") }),
  };
}

function readBase(
  entries: readonly Entry[],
): Pick<ActionStep, "id" | "name" | "if" | "env" | "continueOnError"> {
  const [id, name, condition, env, goOn] = ["id", "name", "if", "env", "continue-on-error"].map((key) =>
    valueAt(entries, key),
  );
  return {
    ...(id === undefined ? {} : { id: readId(id) }),
    ...(name === undefined ? {} : { name: textOf(name, "`name`") }),
    ...(condition === undefined ? {} : { if: textOf(condition, "`if`") }),
    env: readEnv(env),
    ...(goOn === undefined ? {} : { continueOnError: readFlag(goOn) }),
  };
}

function readId(value: Located): string {
  const id = filledText(value, "`id`");
  if (STEP_ID.test(id)) return id;
  throw new FileError(
    value,
    `\`${id.slice(0, 60)}\` is no id: letters, digits, \`-\` and \`_\`, the first a letter or one \`_\`.`,
  );
}

function readEnv(value: Located | undefined): Readonly<Record<string, Template>> | Template {
  if (value?.kind === "scalar" && isWholeExpression(value.value)) return String(value.value);
  return textsOf(value, "`env`");
}

function readFlag(value: Located): boolean | Template {
  if (value.kind === "scalar" && typeof value.value === "boolean") return value.value;
  if (value.kind === "scalar" && isWholeExpression(value.value)) return String(value.value);
  throw new FileError(value, "`continue-on-error` must be true, false or one expression.");
}

function isWholeExpression(value: unknown): boolean {
  return typeof value === "string" && /^\s*\$\{\{[\s\S]*\}\}\s*$/u.test(value);
}

function refuseUnknown(entries: readonly Entry[], known: readonly string[], kind: string): void {
  const odd = entries.find((entry) => !known.includes(entry.key));
  if (odd !== undefined)
    throw new FileError(
      odd.at,
      `\`${odd.key.slice(0, 60)}\` is not known in a \`${kind}\` step of a composite action.`,
    );
}
