import { isScalar, LineCounter, parseDocument, visit, type Document } from "yaml";
import { tooDeepAt } from "../../runner-bootstrap/boxd/steps/yaml-bounds.ts";
import { MAX_FAULTS, type Fault } from "./fault.ts";
import { placeAt, placeOf, type Place } from "./positions.ts";

/** The file's own limit: a hundred times what a long one has. */
export const MAX_FILE_BYTES = 64 * 1024;
/** Uses of anchors, each counted with what it brings along: the library's own default bound against alias bombs. */
const MAX_ALIASES = 100;

export type ParsedYaml =
  | {
      readonly ok: true;
      readonly value: unknown;
      /** Where a path of keys stands. */
      readonly place: (path: readonly PropertyKey[], atKey?: boolean) => Place;
    }
  | { readonly ok: false; readonly faults: readonly Fault[] };

/** YAML text to a plain value with places, within bounds of size, depth and aliases. Never throws for what the text holds. */
export function parseYaml(text: string): ParsedYaml {
  const sizeBytes = Buffer.byteLength(text, "utf8");
  if (sizeBytes > MAX_FILE_BYTES) {
    return whole(`The file has ${sizeBytes} bytes; at most ${MAX_FILE_BYTES} are read.`);
  }
  const deep = tooDeepAt(text);
  if (deep !== null)
    return whole("The file is nested deeper than any configuration here can be.", placeInText(text, deep));
  const lines = new LineCounter();
  // Duplicate keys are looked for below: the library compares every key with every other one.
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: false,
    logLevel: "error",
  });
  const faults = document.errors.slice(0, MAX_FAULTS).map((error) => {
    const { line, column } = placeAt(lines, error.pos[0]);
    const [said = ""] = error.message.split("\n");
    return { line, column, key: "", message: `This is not valid YAML: ${said}` };
  });
  if (faults.length > 0) return { ok: false, faults };
  const twice = duplicateKeys(document, lines);
  if (twice.length > 0) return { ok: false, faults: twice };
  try {
    const value: unknown = document.toJS({ maxAliasCount: MAX_ALIASES });
    if (holdsItself(value, new Set())) return whole("An anchor of the file holds an alias of itself.");
    return { ok: true, value: value ?? {}, place: (path, atKey) => placeOf(document, lines, path, atKey) };
  } catch (thrown) {
    // Aliases of nothing, of themselves, or too many: the library says which.
    if (!(thrown instanceof Error)) throw thrown;
    return whole(`The file's anchors cannot be followed: ${thrown.message}.`);
  }
}

/** The library makes a circle of `&a [*a]`; depth is bounded before. */
function holdsItself(value: unknown, above: Set<object>): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (above.has(value)) return true;
  above.add(value);
  const found = Object.values(value).some((inner) => holdsItself(inner, above));
  above.delete(value);
  return found;
}

function duplicateKeys(document: Document.Parsed, lines: LineCounter): readonly Fault[] {
  const faults: Fault[] = [];
  visit(document, {
    Map(_key, map) {
      const seen = new Set<string>();
      for (const { key } of map.items) {
        if (!isScalar(key)) continue;
        const name = String(key.value);
        if (seen.has(name) && faults.length < MAX_FAULTS) {
          const { line, column } = placeAt(lines, key.range?.[0] ?? 0);
          faults.push({ line, column, key: name, message: "This key stands there twice." });
        }
        seen.add(name);
      }
    },
  });
  return faults;
}

function placeInText(text: string, offset: number): Place {
  const before = text.slice(0, offset).split("\n");
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

function whole(message: string, at: Place = { line: 1, column: 1 }): ParsedYaml {
  return { ok: false, faults: [{ ...at, key: "", message }] };
}
