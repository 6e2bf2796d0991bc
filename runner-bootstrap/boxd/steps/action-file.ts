import { isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument, type Document } from "yaml";
import { tooDeepAt } from "./yaml-bounds.ts";
import { readDefinition } from "./action-definition.ts";
import { FileError, type Entry, type FileFault, type Located, type Spot } from "./located.ts";
import type { ActionDefinition } from "./plan.ts";

/** The longest among the known actions' files has 60 KB; the official runner allows a template of 10 MB. */
const MAX_FILE_BYTES = 1024 * 1024;
/** Values of a file, those that anchors bring along counted each time. */
const MAX_VALUES = 50_000;
/** The official runner's own bound is 100 (TemplateReader). */
const MAX_DEPTH = 50;

export type ActionFile =
  | { readonly kind: "action"; readonly action: ActionDefinition }
  | ({ readonly kind: "fault" } & FileFault);

/**
 * The text of an `action.yml` as a definition, or its first fault. `path` is shown as the place of a composite's steps. Never throws
 * for what the text holds; `action` of every step is `""`. Keys and their meaning: actions/runner action_yaml.json and
 * ActionManifestManager.cs.
 */
export function readActionFile(text: string, path: string): ActionFile {
  try {
    return { kind: "action", action: readDefinition(locate(text), path) };
  } catch (thrown) {
    if (thrown instanceof FileError) return { kind: "fault", ...thrown.fault };
    throw thrown;
  }
}

function locate(text: string): Located {
  const sizeBytes = Buffer.byteLength(text, "utf8");
  const start = { line: 1, column: 1 };
  if (sizeBytes > MAX_FILE_BYTES)
    throw new FileError(start, `The file has ${sizeBytes} bytes; at most ${MAX_FILE_BYTES} are read.`);
  const deep = tooDeepAt(text);
  if (deep !== null) throw new FileError(spotIn(text, deep), "The file is nested too deeply.");
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: false,
    logLevel: "error",
  });
  const [error] = document.errors;
  if (error !== undefined) {
    const [said = ""] = error.message.split("\n");
    throw new FileError(spotAt(lines, error.pos[0]), `This is not valid YAML: ${said}`);
  }
  if (document.contents === null) throw new FileError(start, "The file is empty.");
  return walker(document, lines)(document.contents, start, 0);
}

/** Follows the nodes of a document; how many values it may still make is counted in the closure. */
function walker(
  document: Document,
  lines: LineCounter,
): (node: unknown, around: Spot, depth: number) => Located {
  let left = MAX_VALUES;
  const walk = (node: unknown, around: Spot, depth: number): Located => {
    const at = isNode(node) && node.range ? spotAt(lines, node.range[0]) : around;
    left -= 1;
    if (left < 0) throw new FileError(at, `The file holds more than ${MAX_VALUES} values.`);
    if (depth > MAX_DEPTH) throw new FileError(at, "The file is nested too deeply.");
    if (isAlias(node)) {
      const target = node.resolve(document);
      if (target === undefined) throw new FileError(at, `There is no anchor \`${node.source}\` above.`);
      return walk(target, at, depth + 1);
    }
    if (isSeq(node))
      return { ...at, kind: "list", items: node.items.map((item) => walk(item, at, depth + 1)) };
    if (!isMap(node)) return { ...at, kind: "scalar", value: isScalar(node) ? plain(node.value) : null };
    const seen = new Set<string>();
    const entries = node.items.map((pair): Entry => {
      const keyAt = isNode(pair.key) && pair.key.range ? spotAt(lines, pair.key.range[0]) : at;
      if (!isScalar(pair.key)) throw new FileError(keyAt, "A key must be plain text.");
      const key = String(plain(pair.key.value) ?? "");
      if (seen.has(key.toLowerCase())) throw new FileError(keyAt, `The key \`${key}\` stands there twice.`);
      seen.add(key.toLowerCase());
      return { key, at: keyAt, value: walk(pair.value, keyAt, depth + 1) };
    });
    return { ...at, kind: "map", entries };
  };
  return walk;
}

function plain(value: unknown): null | boolean | number | string {
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value;
  return typeof value === "bigint" ? String(value) : null;
}

function spotAt(lines: LineCounter, offset: number): Spot {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(1, line), column: Math.max(1, col) };
}

function spotIn(text: string, offset: number): Spot {
  const before = text.slice(0, offset).split("\n");
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}
