import { fill, fillValue } from "../expressions/fill.ts";
import type { Scope } from "../expressions/scope.ts";
import type { Yaml, YamlMap } from "../plan.ts";
import type { CallJob, InputModel, WorkflowModel } from "./model.ts";

export type Handed =
  | { readonly kind: "handed"; readonly inputs: YamlMap; readonly secrets: Readonly<Record<string, string>> }
  | { readonly kind: "fault"; readonly reason: string };

type Secrets = Readonly<Record<string, string>>;

/**
 * What a called workflow gets: its inputs, typed and with defaults, and its secrets. The scope is the caller's, `secrets` in it
 * included. Throws ExpressionError; wrong or missing values are a fault, as GitHub refuses them.
 */
export function handOver(job: CallJob, callee: WorkflowModel, scope: Scope): Handed {
  const given = Object.entries(job.with);
  const declared = callee.inputs.call;
  const unknown = given.find(([name]) => find(declared, name) === undefined);
  if (unknown !== undefined) return fault(`${job.uses} has no input \`${unknown[0]}\``);
  const inputs: Record<string, Yaml> = {};
  for (const [name, model] of Object.entries(declared)) {
    const own = find(job.with, name);
    if (own === undefined && model.required && model.default === undefined)
      return fault(`${job.uses} needs the input \`${name}\``);
    const value = own === undefined ? defaultOf(model, scope) : fillValue(own, scope);
    const typed = typedAs(model.type, value);
    if (typed === undefined) return fault(`the input \`${name}\` of ${job.uses} must be a ${model.type}`);
    inputs[name] = typed;
  }
  const wrong = job.secrets === "inherit" ? null : wrongSecret(job.uses, job.secrets, callee);
  return wrong === null ? { kind: "handed", inputs, secrets: secretsFor(job, scope) } : fault(wrong);
}

/** Only what is written counts, as on GitHub: a secret that is handed on and has no value is empty text. */
function wrongSecret(uses: string, mapped: Secrets, { call }: WorkflowModel): string | null {
  const declared = call?.secrets ?? {};
  const unknown = Object.keys(mapped).find((name) => find(declared, name) === undefined);
  if (unknown !== undefined) {
    const names = Object.keys(declared).map((name) => `\`${name}\``);
    const known = names.length === 0 ? "declares none" : `declares ${names.join(", ")}`;
    return `${uses} has no secret \`${unknown}\`: it ${known} below \`on.workflow_call.secrets\``;
  }
  const missing = Object.entries(declared).find(
    ([name, { required }]) => required && find(mapped, name) === undefined,
  );
  return missing === undefined ? null : `${uses} needs the secret \`${missing[0]}\``;
}

function secretsFor(job: CallJob, scope: Scope): Secrets {
  const own = (scope.contexts["secrets"] ?? {}) as Secrets;
  if (job.secrets === "inherit") return own;
  const mapped = Object.entries(job.secrets).map(
    ([name, template]) => [name, fill(template, scope)] as const,
  );
  const token = find(own, "GITHUB_TOKEN");
  return { ...Object.fromEntries(mapped), ...(token === undefined ? {} : { GITHUB_TOKEN: token }) };
}

/** What an input is that nobody gives. Throws ExpressionError. */
export function defaultOf(model: InputModel, scope: Scope): Yaml {
  if (model.default !== undefined) {
    const { github = {}, vars = {} } = scope.contexts;
    return fillValue(model.default, { contexts: { github, vars, inputs: {} } });
  }
  if (model.type === "boolean") return false;
  return model.type === "number" ? 0 : "";
}

/** Undefined when the value is of another type; text that says a boolean or a number is none, as on GitHub. */
function typedAs(type: InputModel["type"], value: Yaml): Yaml | undefined {
  if (value !== null && typeof value === "object") return undefined;
  if (type === "boolean") return typeof value === "boolean" ? value : undefined;
  if (type === "number") return typeof value === "number" ? value : undefined;
  return value === null ? "" : String(value);
}

function find<V>(map: Readonly<Record<string, V>>, name: string): V | undefined {
  const key = Object.keys(map).find((one) => one.toLowerCase() === name.toLowerCase());
  return key === undefined ? undefined : map[key];
}

function fault(reason: string): Handed {
  return { kind: "fault", reason };
}
