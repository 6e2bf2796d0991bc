import type { Yaml, YamlMap } from "../../runner-bootstrap/boxd/steps/plan.ts";
import { ExpressionError } from "../../runner-bootstrap/boxd/steps/expressions/expression-error.ts";
import { defaultOf } from "../../runner-bootstrap/boxd/steps/jobs/call-inputs.ts";
import { AppError } from "../errors.ts";
import type { InputModel, WorkflowModel } from "../../runner-bootstrap/boxd/steps/jobs/model.ts";

type Declaring = Pick<WorkflowModel, "path" | "inputs" | "events">;
type Declared = Readonly<Record<string, InputModel>>;

export type InputsAsked = {
  /** What the templates in defaults of `workflow_call` see beside `inputs`, which is empty then. */
  readonly contexts: { readonly github: YamlMap; readonly vars: YamlMap };
  /** Nothing will run. */
  readonly mayMiss: boolean;
};

/**
 * The `inputs` context: of workflow_dispatch, or of workflow_call when the workflow runs as a called one; none when an event of its own
 * triggers it, as on GitHub. What was given, in the types that the workflow declares, and the defaults of the rest. Throws `AppError` for
 * an input that is not declared, has another type, has a default that cannot be evaluated, or is missing while something shall run.
 */
export function runInputs(
  workflow: Declaring,
  event: string,
  given: Readonly<Record<string, string>>,
  asked: InputsAsked,
): YamlMap {
  const declared = declaredFor(workflow, event);
  const contexts = declared === workflow.inputs.call ? asked.contexts : null;
  for (const name of Object.keys(given))
    if (find(declared, name) === undefined) throw unknown(workflow, event, name, Object.keys(declared));
  return Object.fromEntries(
    Object.entries(declared).map(([name, input]) => {
      const text = find(given, name);
      if (text !== undefined) return [name, typed(name, input, text)];
      return [name, unset(name, contexts === null ? input : filled(name, input, contexts), asked.mayMiss)];
    }),
  );
}

/** Inputs as an event's payload has them: texts. */
export function inputTexts(inputs: YamlMap): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(inputs).map(([name, value]) => [name, textOf(value)]));
}

function declaredFor({ inputs, events }: Declaring, event: string): Declared {
  if (event === "workflow_dispatch" && events.includes(event)) return inputs.dispatch;
  return event === "workflow_call" || !events.includes(event) ? inputs.call : {};
}

function unknown(
  { path, inputs }: Declaring,
  event: string,
  name: string,
  names: readonly string[],
): AppError {
  const other = ["workflow_dispatch", "workflow_call"].find(
    (one) => find(one === "workflow_call" ? inputs.call : inputs.dispatch, name) !== undefined,
  );
  if (other !== undefined)
    return wrong(`${path} has its input "${name}" for ${other}, not for ${event}.`, `Give --event ${other}.`);
  return wrong(
    `${path} has no input "${name}".`,
    names.length === 0 ? `It declares none for ${event}.` : `Its inputs: ${names.join(", ")}.`,
  );
}

function find<V>(map: Readonly<Record<string, V>>, name: string): V | undefined {
  return Object.entries(map).find(([one]) => one.toLowerCase() === name.toLowerCase())?.[1];
}

/** With its default evaluated, as a call does it (call-inputs.ts). */
function filled(name: string, input: InputModel, contexts: InputsAsked["contexts"]): InputModel {
  if (input.default === undefined) return input;
  try {
    return { ...input, default: defaultOf(input, { contexts }) };
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    throw wrong(
      `The default of the input "${name}" cannot be evaluated: ${error.message}`,
      `Give the input: --input ${name}=VALUE.`,
    );
  }
}

function unset(name: string, input: InputModel, mayMiss: boolean): Yaml {
  if (input.default !== undefined) return typed(name, input, textOf(input.default));
  if (input.required && !mayMiss)
    throw wrong(`The input "${name}" is missing.`, `Give it: --input ${name}=VALUE.`);
  return { boolean: false, number: 0, string: "", choice: input.options?.[0] ?? "", environment: "" }[
    input.type
  ];
}

function typed(name: string, input: InputModel, text: string): Yaml {
  switch (input.type) {
    case "boolean":
      if (text === "true" || text === "false") return text === "true";
      throw wrong(`The input "${name}" is "${text}".`, "It is a boolean: true or false.");
    case "number": {
      const value = Number(text);
      if (text.trim() !== "" && Number.isFinite(value)) return value;
      throw wrong(`The input "${name}" is "${text}".`, "It is a number.");
    }
    case "choice":
      if (input.options === undefined || input.options.includes(text)) return text;
      throw wrong(`The input "${name}" is "${text}".`, `It is one of: ${input.options.join(", ")}.`);
    case "string":
    case "environment":
      return text;
  }
}

/** As GitHub reads and sends it: text, whatever YAML took it for. */
function textOf(value: Yaml): string {
  if (value === null) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function wrong(message: string, hint: string): AppError {
  return new AppError("bad_request", message, hint);
}
