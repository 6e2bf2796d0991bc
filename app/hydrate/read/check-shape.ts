import { toText } from "../../../runner-bootstrap/boxd/steps/expressions/coerce.ts";
import { checkText } from "./check-text.ts";
import { allowedHint, quoted, type Complaints } from "./complain.ts";
import { hasExpression, type MapEntry, type MapNode, type ScalarNode, type WorkflowNode } from "./node.ts";
import { ANY, type Contexts, type Shape } from "./shape.ts";

type MapShape = Extract<Shape, { kind: "map" }>;
type TextShape = Extract<Shape, { kind: "text" }>;

/** Tells every way in which a tree is not of its shape; `inherited` are the contexts that the places above allow. */
export function checkShape(
  node: WorkflowNode,
  shape: Shape,
  key: string,
  complaints: Complaints,
  inherited: Contexts | null = null,
): void {
  if (complaints.isFull()) return;
  const contexts = joined(inherited, shape.expressions);
  if (shape.kind === "by-keys") {
    const keys = new Set(node.kind === "map" ? node.entries.map((entry) => entry.key) : []);
    checkShape(node, shape.choose(keys), key, complaints, contexts);
  } else if (node.kind === "scalar" && shape.kind === "text" && shape.isCondition === true) {
    checkText(node, contexts, true, key, complaints);
  } else if (node.kind === "scalar" && hasExpression(node)) {
    checkText(node, contexts, false, key, complaints);
  } else if (shape.kind === "either") {
    const fitting = shape.of.find((one) => fits(node, one)) ?? shape.of.find((one) => isOfKind(node, one));
    if (fitting === undefined)
      complaints.add(node.at, key, `${found(node)} does not fit here.`, wanted(shape));
    else checkShape(node, fitting, key, complaints, contexts);
  } else if (shape.kind === "any") {
    checkAny(node, key, complaints, contexts);
  } else if (shape.kind === "map" && node.kind === "map") {
    checkMap(node, shape, key, complaints, contexts);
  } else if (shape.kind === "list" && node.kind === "list") {
    for (const [index, item] of node.items.entries())
      checkShape(item, shape.of, `${key}[${index}]`, complaints, contexts);
  } else if (node.kind === "scalar" && shape.kind === "text") {
    checkWord(node, shape, key, complaints);
  } else if (!fits(node, shape)) {
    complaints.add(node.at, key, `${found(node)} does not fit here.`, wanted(shape));
  }
}

function checkMap(
  node: MapNode,
  shape: MapShape,
  key: string,
  complaints: Complaints,
  contexts: Contexts | null,
): void {
  const seen = new Set<string>();
  let hasExpressionKey = false;
  for (const entry of node.entries) {
    const path = key === "" ? entry.key : `${key}.${entry.key}`;
    if (entry.key.includes("${{")) {
      hasExpressionKey = true;
      checkText(
        { kind: "scalar", at: entry.keyAt, value: entry.key, style: "plain" },
        contexts,
        false,
        path,
        complaints,
      );
      checkShape(entry.value, shape.rest ?? ANY, path, complaints, contexts);
      continue;
    }
    // GitHub compares names without regard to case here, and only here.
    const folded = entry.key.toUpperCase();
    if (seen.has(folded))
      complaints.add(entry.keyAt, path, "This key stands there twice.", "Keep one of them.");
    seen.add(folded);
    const own = Object.hasOwn(shape.keys, entry.key) ? shape.keys[entry.key] : shape.rest;
    // Where any key fits, as in `env`, a map behind `<<` still asks for a merge.
    const isMerge = entry.key === "<<" && entry.value.kind === "map";
    if (own === undefined || isMerge) unknownKey(entry, shape, key, complaints);
    else checkShape(entry.value, own, path, complaints, contexts);
  }
  for (const name of hasExpressionKey ? [] : (shape.required ?? [])) {
    if (!seen.has(name.toUpperCase()))
      complaints.add(
        node.at,
        key,
        `The key \`${name}\` is missing.`,
        `There are: ${
          node.entries
            .map((entry) => quoted(entry.key))
            .slice(0, 20)
            .join(", ") || "none"
        }.`,
      );
  }
}

function unknownKey(entry: MapEntry, shape: MapShape, key: string, complaints: Complaints): void {
  if (entry.key === "<<") {
    complaints.add(
      entry.keyAt,
      key,
      "GitHub knows anchors and aliases, but no merge keys `<<`.",
      "Write the keys out, or make the whole value an alias.",
    );
    return;
  }
  const misplaced = shape.misplaced ?? {};
  const hint = Object.hasOwn(misplaced, entry.key) ? `${misplaced[entry.key] ?? ""} ` : "";
  complaints.add(
    entry.keyAt,
    key,
    `The key ${quoted(entry.key)} is not known here.`,
    `${hint}${allowedHint(entry.key, Object.keys(shape.keys))}`,
  );
}

function checkAny(node: WorkflowNode, key: string, complaints: Complaints, contexts: Contexts | null): void {
  if (node.kind === "list")
    for (const [index, item] of node.items.entries())
      checkShape(item, ANY, `${key}[${index}]`, complaints, contexts);
  else if (node.kind === "map")
    checkMap(node, { kind: "map", keys: {}, rest: ANY }, key, complaints, contexts);
}

function checkWord(node: ScalarNode, shape: TextShape, key: string, complaints: Complaints): void {
  const text = toText(node.value);
  if (shape.words !== undefined) {
    if (!shape.words.includes(text))
      complaints.add(node.at, key, `${quoted(text)} is not known here.`, allowedHint(text, shape.words));
  } else if (text === "" && shape.mayBeEmpty !== true) {
    complaints.add(node.at, key, "There is nothing here.", "It must be given, or the key left out.");
  }
}

/** True when the value is what the shape wants, as far as one level tells. */
function fits(node: WorkflowNode, shape: Shape): boolean {
  if (node.kind !== "scalar") return isOfKind(node, shape);
  if (shape.kind === "text") {
    const text = toText(node.value);
    return shape.words === undefined ? text !== "" || shape.mayBeEmpty === true : shape.words.includes(text);
  }
  if (shape.kind === "either") return shape.of.some((one) => fits(node, one));
  if (shape.kind === "null") return node.value === null;
  return shape.kind === "any" || typeof node.value === shape.kind;
}

function isOfKind(node: WorkflowNode, shape: Shape): boolean {
  if (shape.kind === "either") return shape.of.some((one) => isOfKind(node, one));
  if (node.kind === "scalar") return shape.kind === "text";
  return (
    shape.kind === node.kind || shape.kind === "any" || (shape.kind === "by-keys" && node.kind === "map")
  );
}

function found(node: WorkflowNode): string {
  if (node.kind !== "scalar") return node.kind === "list" ? "A list" : "A map";
  if (node.value === null) return "Nothing";
  return typeof node.value === "string"
    ? `The text ${quoted(node.value)}`
    : `The ${typeof node.value} ${quoted(String(node.value))}`;
}

function wanted(shape: Shape): string {
  const names = new Set((shape.kind === "either" ? shape.of : [shape]).map(nameOf));
  return `Allowed: ${[...names].join(" or ")}.`;
}

function nameOf(shape: Shape): string {
  if (shape.kind === "text")
    return shape.words === undefined ? "text" : shape.words.slice(0, 8).map(quoted).join(" or ");
  if (shape.kind === "list")
    return `a list of ${shape.of.kind === "text" ? "texts" : shape.of.kind === "map" ? "maps" : "values"}`;
  if (shape.kind === "boolean") return "`true` or `false`";
  if (shape.kind === "map" || shape.kind === "by-keys") return "a map";
  if (shape.kind === "null") return "nothing";
  return `a ${shape.kind === "number" ? "number" : "value"}`;
}

function joined(above: Contexts | null, own: Contexts | undefined): Contexts | null {
  if (own === undefined) return above;
  if (above === null) return own;
  return {
    contexts: [...new Set([...above.contexts, ...own.contexts])],
    functions: [...new Set([...(above.functions ?? []), ...(own.functions ?? [])])],
  };
}
