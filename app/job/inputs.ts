import type { Yaml, YamlMap } from "../../runner-bootstrap/boxd/steps/plan.ts";
import { AppError } from "../errors.ts";
import type { InputModel, WorkflowModel } from "../../runner-bootstrap/boxd/steps/jobs/model.ts";

/**
 * The `inputs` context: what was given, in the types that the workflow declares, and the defaults of the rest. Throws `AppError` for an
 * input that is not declared, has another type, or is missing unless `mayMiss` says that nothing will run.
 */
export function dispatchInputs(
  workflow: Pick<WorkflowModel, "path" | "inputs">,
  given: Readonly<Record<string, string>>,
  mayMiss: boolean,
): YamlMap {
  const declared = { ...workflow.inputs.call, ...workflow.inputs.dispatch };
  const names = Object.keys(declared);
  for (const name of Object.keys(given))
    if (!names.some((one) => one.toLowerCase() === name.toLowerCase()))
      throw wrong(
        `${workflow.path} has no input "${name}".`,
        names.length === 0 ? "It declares none." : `Its inputs: ${names.join(", ")}.`,
      );
  return Object.fromEntries(
    Object.entries(declared).map(([name, input]) => {
      const text = Object.entries(given).find(([one]) => one.toLowerCase() === name.toLowerCase())?.[1];
      return [name, text === undefined ? unset(name, input, mayMiss) : typed(name, input, text)];
    }),
  );
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

/** A default as GitHub reads it: text, whatever YAML took it for. */
function textOf(value: Yaml): string {
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function wrong(message: string, hint: string): AppError {
  return new AppError("bad_request", message, hint);
}
