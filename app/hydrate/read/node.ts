import type { Yaml } from "../../../runner-bootstrap/boxd/steps/plan.ts";

/** A workflow's text as a tree, aliases followed, scalars as GitHub types them. `at` is an offset in the text. */
export type WorkflowNode = ScalarNode | ListNode | MapNode;

export type ScalarNode = {
  readonly kind: "scalar";
  readonly at: number;
  readonly value: null | boolean | number | string;
  readonly style: "plain" | "quoted" | "block";
};

export type ListNode = {
  readonly kind: "list";
  readonly at: number;
  readonly items: readonly WorkflowNode[];
};

export type MapNode = { readonly kind: "map"; readonly at: number; readonly entries: readonly MapEntry[] };

export type MapEntry = { readonly key: string; readonly keyAt: number; readonly value: WorkflowNode };

/** The value under a key of a map; undefined when there is none. */
export function childOf(node: WorkflowNode | undefined, key: string): WorkflowNode | undefined {
  return node?.kind === "map" ? node.entries.find((entry) => entry.key === key)?.value : undefined;
}

/** Entries of a map; none for anything else. */
export function entriesOf(node: WorkflowNode | undefined): readonly MapEntry[] {
  return node?.kind === "map" ? node.entries : [];
}

/** Items of a list, or a single value as a list of one; none when it is left out. */
export function itemsOf(node: WorkflowNode | undefined): readonly WorkflowNode[] {
  if (node === undefined) return [];
  return node.kind === "list" ? node.items : [node];
}

/** The plain value of a tree. A key `__proto__` stays an ordinary key. */
export function valueOf(node: WorkflowNode): Yaml {
  if (node.kind === "scalar") return node.value;
  if (node.kind === "list") return node.items.map(valueOf);
  return Object.fromEntries(node.entries.map(({ key, value }) => [key, valueOf(value)]));
}

/** True for text that holds an expression. */
export function hasExpression(node: WorkflowNode): boolean {
  return node.kind === "scalar" && typeof node.value === "string" && node.value.includes("${{");
}
