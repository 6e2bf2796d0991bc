import { CST, Lexer, LineCounter, parseAllDocuments, type Document } from "yaml";
import type { Complaints } from "./complain.ts";

/** True when a text holds more scalars than that; linear in its length, which composing is not always. */
export function hasMoreValues(text: string, most: number): boolean {
  let values = 0;
  for (const token of new Lexer().lex(text)) {
    // A sign of the lexer's stands before each unquoted or block text; quoted ones come as they are.
    const type = CST.tokenType(token);
    if (type === "scalar" || type === "alias" || type?.endsWith("quoted-scalar") === true) values += 1;
    if (values > most) return true;
  }
  return false;
}

/** The one document of a text, its scalars all as text; null with a complaint when there is none. */
export function documentOf(text: string, complaints: Complaints): Document | null {
  try {
    // Every scalar is read as text and typed by `scalar.ts`; duplicate keys are looked for with the shapes.
    const documents = parseAllDocuments(text, {
      lineCounter: new LineCounter(),
      schema: "failsafe",
      merge: false,
      prettyErrors: false,
      uniqueKeys: false,
      logLevel: "silent",
    });
    const [first, second] = Array.isArray(documents) ? documents : [];
    if (second?.range !== undefined)
      complaints.add(
        second.range[0],
        "",
        "A second document starts here.",
        "A workflow is one YAML document.",
      );
    return first ?? (complaints.add(0, "", "The file is empty.", "A workflow needs `on` and `jobs`."), null);
  } catch (thrown) {
    if (!(thrown instanceof RangeError)) throw thrown;
    complaints.add(0, "", "The file is nested deeper than a workflow can be.");
    return null;
  }
}
