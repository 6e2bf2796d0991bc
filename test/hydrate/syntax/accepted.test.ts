import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { readWorkflow } from "../../../app/hydrate/read/read.ts";
import { readActionFile } from "../../../runner-bootstrap/boxd/steps/action-file.ts";
import { ACTION_KINDS, EVERYTHING } from "./everything.ts";
import { published } from "./published.ts";

const KEYS = published("workflow");
/** Lists of events and of permissions are gone through word by word. */
const EACH = /^(?:on\.\w+(?:\.\S+)?|(?:jobs\.<name>\.)?permissions\.\S+)$/u;
const STEPS = "runs-on: x, steps: [run: x]";

function faultsOf(text: string): readonly unknown[] {
  const read = readWorkflow(".github/workflows/ci.yml", text);
  return "faults" in read ? read.faults : [];
}

/** Whether a value has this key of the schema anywhere. */
function has(value: unknown, [part, ...rest]: readonly string[]): boolean {
  if (part === undefined) return true;
  if (typeof value !== "object" || value === null) return false;
  if (part.endsWith("[*]")) {
    const list: unknown = Reflect.get(value, part.slice(0, -3));
    return Array.isArray(list) && list.some((item) => has(item, rest));
  }
  if (part === "<name>") return Object.values(value).some((item) => has(item, rest));
  return Object.hasOwn(value, part) && has(Reflect.get(value, part), rest);
}

describe("every key that GitHub publishes is accepted", () => {
  test("of a workflow", () => {
    expect(faultsOf(EVERYTHING)).toEqual([]);
    const value: unknown = parse(EVERYTHING);
    const missing = KEYS.filter(({ key }) => !EACH.test(key) && !has(value, key.split(".")));
    expect(missing.map(({ key }) => key)).toEqual([]);
  });

  test("of inputs, outputs, secrets and filters", () => {
    const value: unknown = parse(EVERYTHING);
    const said = KEYS.filter(({ key }) =>
      /^on\.(?:workflow_(?:call|dispatch)|schedule|image_version)\b(?!.*types$)/u.test(key),
    );
    expect(said.length).toBeGreaterThan(20);
    expect(said.filter(({ key }) => !has(value, key.split("."))).map(({ key }) => key)).toEqual([]);
  });

  test.each(KEYS.filter(({ key }) => key.includes("permissions")))(
    "$key with its words alone",
    ({ key, words }) => {
      const [, name] = key.split("permissions.");
      const at = (word: string): string => (name === undefined ? word : `{ ${name}: ${word} }`);
      const text = (word: string): string =>
        key.startsWith("jobs.")
          ? `on: push\njobs: { a: { permissions: ${at(word)}, ${STEPS} } }`
          : `on: push\npermissions: ${at(word)}\njobs: { a: { ${STEPS} } }`;
      expect(words.length).toBeGreaterThan(1);
      for (const word of words) expect([word, faultsOf(text(word))]).toEqual([word, []]);
      expect(faultsOf(text("everything"))).toHaveLength(1);
    },
  );

  test.each(KEYS.filter(({ key }) => key.endsWith("cache-mode")))("$key with its words", ({ key, words }) => {
    const text = (word: string): string =>
      key.startsWith("jobs.")
        ? `on: push\njobs: { a: { cache-mode: ${word}, ${STEPS} } }`
        : `on: push\ncache-mode: ${word}\njobs: { a: { ${STEPS} } }`;
    expect(words).toEqual(["read", "write", "write-only", "none"]);
    for (const word of words) expect([word, faultsOf(text(word))]).toEqual([word, []]);
    for (const wrong of ["everything", "", "true", "[read]", "'${{ github.ref }}'"])
      expect([wrong, faultsOf(text(wrong))]).toEqual([wrong, [expect.anything()]]);
  });

  test("the words of other keys", () => {
    const queue = (word: string): string =>
      `on: push\nconcurrency: { group: g, queue: ${word} }\njobs: { a: { ${STEPS} } }`;
    for (const word of KEYS.find(({ key }) => key === "concurrency.queue")?.words ?? [""])
      expect(faultsOf(queue(word))).toEqual([]);
    for (const [event, wrong] of [
      ["call", "choice"],
      ["dispatch", "date"],
    ] as const) {
      const text = (word: string): string =>
        `on: { workflow_${event}: { inputs: { a: { type: ${word} } } } }\njobs: { a: { ${STEPS} } }`;
      const found = KEYS.find(({ key }) => key === `on.workflow_${event}.inputs.<name>.type`);
      for (const word of found?.words ?? [""]) expect(faultsOf(text(word))).toEqual([]);
      expect(faultsOf(text(wrong))).toHaveLength(1);
    }
  });

  test("of an action", () => {
    const values: readonly unknown[] = ACTION_KINDS.map((text) => parse(text));
    const missing = published("action").filter(
      ({ key }) => !values.some((value) => has(value, key.split("."))),
    );
    expect(missing.map(({ key }) => key)).toEqual([]);
    for (const text of ACTION_KINDS) expect(readActionFile(text, "action.yml").kind).toBe("action");
    for (const using of published("action").find(({ key }) => key === "runs.using")?.words ?? [""]) {
      const text = `name: n\nruns: { using: ${using}, main: a.js, image: Dockerfile, steps: [{ run: x, shell: sh }] }`;
      expect(readActionFile(text, "action.yml")).toMatchObject({ action: { runs: { using } } });
    }
  });
});
