import { Ajv } from "ajv";
import type { ValidateFunction } from "ajv";
import formats from "ajv-formats";
import type { Json } from "../model.ts";
import { componentId, loadDescription, toJsonSchema } from "./schema.ts";
import type { Description } from "./schema.ts";

/** Both directions of the contract; null means that it holds, a text says where it does not. */
export type Contracts = {
  request: (method: string, template: string, body: unknown) => string | null;
  response: (method: string, template: string, status: number, body: unknown) => string | null;
  webhook: (event: string, action: string | null, payload: Json) => string | null;
  /** Whether GitHub documents a query parameter for an operation; others it ignores. */
  hasQuery: (method: string, template: string, name: string) => boolean;
};

const JSON_TYPE = "application/json";
/** GitHub hides 404 and 403 behind words that each operation does not repeat. */
const ERRORS_FROM = 400;
/** Where the description cannot be met: here it wants each account to be a user and an enterprise at once. */
const CORRECTED: Record<string, Json> = {
  "GET /app/installations 200": { type: "array", items: { $ref: "#/components/schemas/installation" } },
};

/** Where it forgets a null: the head of a pull request whose fork was deleted has no repository. */
const MAY_BE_NULL: Record<string, readonly string[]> = {
  "schemas/pull-request": ["properties", "head", "properties", "repo"],
  "schemas/pull-request-simple": ["properties", "head", "properties", "repo"],
};

/** Checks lazily: the description is read and each schema compiled when first used. */
export function createContracts(): Contracts {
  const ajv = new Ajv({ strict: false, allErrors: false, logger: false, allowUnionTypes: true });
  formats.default(ajv, ["date-time", "date", "uri", "uri-template", "email"]);
  ajv.addFormat("int64", true);
  let loaded: Description | null = null;
  const added = new Set<string>();
  const compiled = new Map<string, ValidateFunction | null>();
  const description = (): Description => (loaded ??= loadDescription());

  const convert = (schema: unknown): Json => toJsonSchema(schema, addComponent) as Json;
  function addComponent(path: string): void {
    if (added.has(path)) return;
    added.add(path);
    const schema = description().component(path);
    if (schema === null) throw new Error(`the description has no component ${path}`);
    const forgotten = MAY_BE_NULL[path];
    ajv.addSchema(convert(forgotten === undefined ? schema : orNull(schema, forgotten)), componentId(path));
  }
  const check = (key: string, find: () => unknown, value: unknown): string | null => {
    let validate = compiled.get(key);
    if (validate === undefined) {
      const schema = find();
      validate = schema === undefined ? null : ajv.compile(convert(schema));
      compiled.set(key, validate);
    }
    if (validate === null || validate(value)) return null;
    return ajv.errorsText(validate.errors, { dataVar: "body" });
  };

  return {
    hasQuery: (method, template, name) => {
      const parameters = description().operation(method, template)?.parameters ?? [];
      return parameters.some((one) => {
        const path = one.$ref?.replace("#/components/", "");
        const parameter = path === undefined ? one : description().component(path);
        return parameter?.["in"] === "query" && parameter["name"] === name;
      });
    },
    request: (method, template, body) => {
      const key = `${method} ${template}`;
      const operation = description().operation(method, template);
      if (operation === null) return `the description has no ${key}`;
      const schema = operation.requestBody?.content?.[JSON_TYPE]?.schema;
      if (schema === undefined) return body === undefined ? null : "no body belongs here";
      if (body === undefined) return operation.requestBody?.required === true ? "a body is required" : null;
      return check(`${key} request`, () => schema, body);
    },
    response: (method, template, status, body) => {
      const key = `${method} ${template}`;
      const documented = description().operation(method, template)?.responses?.[status];
      const missing = `${key} has no documented answer ${status}`;
      if (documented === undefined) return status < ERRORS_FROM ? missing : null;
      const find = (): unknown => {
        const corrected = CORRECTED[`${key} ${status}`];
        if (corrected !== undefined) return corrected;
        const path = documented.$ref?.replace("#/components/", "");
        const answer = path === undefined ? documented : description().component(path);
        const content = answer?.["content"] as Record<string, { schema?: Json }> | undefined;
        return content?.[JSON_TYPE]?.schema;
      };
      return body === undefined ? null : check(`${key} ${status}`, find, body);
    },
    webhook: (event, action, payload) => {
      const name = [event, ...(action === null ? [] : [action])].join("-").replaceAll("_", "-");
      const path = `schemas/webhook-${name}`;
      if (description().component(path) === null) return `the description has no webhook ${name}`;
      return check(path, () => ({ $ref: `#/components/${path}` }), payload);
    },
  };
}

/** The schema with null allowed at one place in it. */
function orNull(schema: unknown, [name, ...rest]: readonly string[]): unknown {
  if (name === undefined) return { anyOf: [schema, { type: "null" }] };
  const object = schema as Json;
  return { ...object, [name]: orNull(object[name], rest) };
}
