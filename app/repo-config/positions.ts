import { isMap, isNode, isPair, isScalar, isSeq, type Document, type LineCounter, type Node } from "yaml";

/** A place in the text; both count from 1. */
export type Place = { readonly line: number; readonly column: number };

/** Finds where a path of keys and indexes stands: the value, or the key itself with `atKey`. The nearest thing above when it is absent. */
export function placeOf(
  document: Document.Parsed,
  lines: LineCounter,
  path: readonly PropertyKey[],
  atKey = false,
): Place {
  let node: unknown = document.contents;
  let found: Node | null = isNode(node) ? node : null;
  for (const [index, step] of path.entries()) {
    const last = index === path.length - 1;
    if (isMap(node)) {
      const pair = node.items.find(
        (item) => isPair(item) && isScalar(item.key) && String(item.key.value) === String(step),
      );
      if (pair === undefined) break;
      node = pair.value;
      const key = isNode(pair.key) ? pair.key : null;
      // An empty value has no place of its own.
      found = last && atKey ? key : isNode(node) && node.range !== undefined && !isEmpty(node) ? node : key;
    } else if (isSeq(node)) {
      node = node.items[Number(step)];
      if (isNode(node)) found = node;
    } else break;
  }
  return placeAt(lines, found?.range?.[0] ?? 0);
}

/** Line and column of an offset. */
export function placeAt(lines: LineCounter, offset: number): Place {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(1, line), column: Math.max(1, col) };
}

function isEmpty(node: Node): boolean {
  return isScalar(node) && node.value === null && node.source === "";
}
