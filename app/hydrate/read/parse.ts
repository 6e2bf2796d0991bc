import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  Scalar,
  type Alias,
  type Document,
  type Node,
  type YAMLMap,
} from "yaml";
import { tooDeepAt } from "../../../runner-bootstrap/boxd/steps/yaml-bounds.ts";
import { documentOf, hasMoreValues } from "./compose.ts";
import { complaintsOf, quoted, type Complaints } from "./complain.ts";
import type { MapEntry, ScalarNode, WorkflowNode } from "./node.ts";
import { plainValue, taggedValue } from "./scalar.ts";
import { yamlCure } from "./yaml-cure.ts";

/** Larger than any honest workflow; the composer takes about a second for it. */
const MAX_WORKFLOW_BYTES = 2_000_000;
/** Nodes once aliases are followed: actions/runner YamlObjectReader.cs, c_maxYamlNodes. */
const MAX_NODES = 50_000;
/** A shorter text cannot hold too many values; counting is cheap, composing is not. */
const MAX_UNCOUNTED_CHARS = MAX_NODES * 2;
/** Deeper than any workflow's keys can mean something; matrix values hold the deepest honest ones. */
const MAX_DEPTH = 50;

export type Parsed = { readonly root: WorkflowNode | null; readonly complaints: Complaints };

type Walk = {
  readonly document: Document;
  readonly complaints: Complaints;
  readonly anchors: Map<string, Node>;
  nodes: number;
  isOver: boolean;
};

/** Text to a tree within bounds; `root` is null when there are faults. Never throws for what the text holds. */
export function parseWorkflow(path: string, text: string): Parsed {
  const sizeBytes = Buffer.byteLength(text, "utf8");
  if (sizeBytes > MAX_WORKFLOW_BYTES) {
    const complaints = complaintsOf(path, "");
    complaints.add(0, "", `The file has ${sizeBytes} bytes.`, `At most ${MAX_WORKFLOW_BYTES} are read.`);
    return { root: null, complaints };
  }
  const complaints = complaintsOf(path, text);
  const root = compose(text, complaints);
  return { root: complaints.faults.length === 0 ? root : null, complaints };
}

function compose(text: string, complaints: Complaints): WorkflowNode | null {
  const deep = tooDeepAt(text);
  if (deep !== null) {
    complaints.add(deep, "", "The file is nested deeper here than a workflow can be.");
    return null;
  }
  if (text.length > MAX_UNCOUNTED_CHARS && hasMoreValues(text, MAX_NODES)) {
    complaints.add(0, "", `The file has more than ${MAX_NODES} values.`);
    return null;
  }
  const document = documentOf(text, complaints);
  if (document === null) return null;
  // The first alone: what follows it is mostly its echo.
  for (const error of document.errors.slice(0, 1)) {
    const [said = ""] = error.message.split("\n");
    const message = `This is not valid YAML: ${said}.`.replace(/\.\.$/u, ".");
    complaints.add(error.pos[0], "", message, yamlCure(text, error));
  }
  const { contents } = document;
  if (complaints.faults.length > 0) return null;
  if (contents === null) {
    complaints.add(0, "", "The file is empty.", "A workflow needs `on` and `jobs`.");
    return null;
  }
  const walk: Walk = { document, complaints, anchors: new Map(), nodes: 0, isOver: false };
  return treeOf(contents, walk, 0);
}

function treeOf(node: unknown, walk: Walk, depth: number): WorkflowNode {
  const at = startOf(node);
  const nothing: ScalarNode = { kind: "scalar", at, value: null, style: "plain" };
  if (walk.isOver) return nothing;
  walk.nodes += 1;
  if (walk.nodes > MAX_NODES || depth > MAX_DEPTH) {
    walk.isOver = true;
    const what =
      depth > MAX_DEPTH
        ? "nested deeper than a workflow can be"
        : `more than ${MAX_NODES} values, anchors followed`;
    walk.complaints.add(at, "", `The file is ${what}.`.replace("is more", "has more"));
    return nothing;
  }
  if (isAlias(node)) return followed(node, walk, depth) ?? nothing;
  if (isMap(node)) {
    keep(node, walk);
    return { kind: "map", at, entries: entriesOf(node, walk, depth) };
  }
  if (isSeq(node)) {
    keep(node, walk);
    return { kind: "list", at, items: node.items.map((item) => treeOf(item, walk, depth + 1)) };
  }
  if (!isScalar(node)) return nothing;
  keep(node, walk);
  return scalarOf(node, walk);
}

function entriesOf(map: YAMLMap, walk: Walk, depth: number): readonly MapEntry[] {
  const entries: MapEntry[] = [];
  for (const pair of map.items) {
    const key = treeOf(pair.key, walk, depth + 1);
    if (key.kind !== "scalar") {
      walk.complaints.add(key.at, "", "A key here is a list or a map.", "Keys are plain names.");
      continue;
    }
    const name =
      key.value === null ? "" : String(isScalar(pair.key) ? (pair.key.source ?? key.value) : key.value);
    const value =
      pair.value === null
        ? { ...key, value: null, style: "plain" as const }
        : treeOf(pair.value, walk, depth + 1);
    entries.push({
      key: name,
      keyAt: key.at,
      value: isNothing(pair.value) ? { ...value, at: key.at } : value,
    });
  }
  return entries;
}

/** The anchor's node as it stood when the alias was read, so that an alias of itself is unknown as well. */
function followed(alias: Alias, walk: Walk, depth: number): WorkflowNode | null {
  const target = walk.anchors.get(alias.source);
  if (target === undefined) {
    const names = [...walk.anchors.keys()];
    const hint =
      names.length === 0
        ? "The file has no anchor before this."
        : `Anchors before this: ${names.slice(0, 10).join(", ")}.`;
    walk.complaints.add(startOf(alias), "", `There is no anchor ${quoted(alias.source)} before this.`, hint);
    return null;
  }
  if (depth > MAX_DEPTH) return null;
  return treeOf(target, walk, depth + 1);
}

function keep(node: Node & { anchor?: string }, walk: Walk): void {
  if (node.anchor !== undefined) walk.anchors.set(node.anchor, node);
}

function scalarOf(node: Scalar, walk: Walk): ScalarNode {
  const at = startOf(node);
  const source = scalarText(node.value);
  const style =
    node.type === Scalar.PLAIN ? "plain" : node.type?.startsWith("BLOCK") === true ? "block" : "quoted";
  if (node.tag !== undefined) {
    const value = taggedValue(node.tag, source);
    if (value === undefined)
      walk.complaints.add(at, "", `The tag ${quoted(node.tag)} does not fit here.`, "Leave it out.");
    return { kind: "scalar", at, value: value ?? null, style };
  }
  return { kind: "scalar", at, value: style === "plain" ? plainValue(source) : source, style };
}

function startOf(node: unknown): number {
  return typeof node === "object" && node !== null && "range" in node && Array.isArray(node.range)
    ? Number(node.range[0])
    : 0;
}

function isNothing(node: unknown): boolean {
  return isScalar(node) && node.source === "" && node.type === Scalar.PLAIN;
}

function scalarText(value: unknown): string {
  return typeof value === "string" ? value : "";
}
