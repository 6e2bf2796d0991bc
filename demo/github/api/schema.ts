import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Json } from "../model.ts";

type Parameter = { $ref?: string; name?: string; in?: string };

type Operation = {
  parameters?: Parameter[];
  requestBody?: { required?: boolean; content?: Record<string, { schema?: Json }> };
  responses?: Record<string, { $ref?: string; content?: Record<string, { schema?: Json }> }>;
};

/** GitHub's own description of its API. */
export type Description = {
  operation: (method: string, template: string) => Operation | null;
  /** A component (`schemas/issue-comment`, `responses/not_found`), as it stands in the description. */
  component: (path: string) => Json | null;
};

const FILE = "@octokit/openapi/generated/api.github.com.json";
const REF_PREFIX = "#/components/";

/** Reads the description: 13 MB, about a fifth of a second, so it is done when first needed. */
export function loadDescription(): Description {
  const file = createRequire(import.meta.url).resolve(FILE);
  const whole = JSON.parse(readFileSync(file, "utf8")) as {
    paths: Record<string, Record<string, Operation>>;
    components: Record<string, Record<string, Json>>;
  };
  return {
    operation: (method, template) => whole.paths[template]?.[method.toLowerCase()] ?? null,
    component: (path) => {
      const [section = "", name = ""] = path.split("/");
      return whole.components[section]?.[name] ?? null;
    },
  };
}

/** The id under which a component is known to the validator. */
export function componentId(path: string): string {
  return `github:/${path}`;
}

/** Turns OpenAPI 3.0 into JSON Schema: `nullable` becomes a union, references get absolute ids, notes go. */
export function toJsonSchema(value: unknown, seen: (component: string) => void): unknown {
  if (Array.isArray(value)) return value.map((item) => toJsonSchema(item, seen));
  if (typeof value !== "object" || value === null) return value;
  const source = value as Json;
  const reference = source["$ref"];
  if (typeof reference === "string") {
    const path = reference.slice(REF_PREFIX.length);
    seen(path);
    return { $ref: componentId(path) };
  }
  const { nullable, ...rest } = source;
  const result: Json = {};
  for (const [key, item] of Object.entries(rest)) {
    if (NOTES.has(key) && typeof item !== "object") continue;
    if (key === "example" || key === "examples" || key === "discriminator" || key === "x-github") continue;
    result[key] = key === "enum" || key === "default" ? item : toJsonSchema(item, seen);
  }
  return nullable === true ? { anyOf: [result, { type: "null" }] } : result;
}

const NOTES = new Set(["description", "title", "deprecated", "readOnly", "writeOnly"]);
