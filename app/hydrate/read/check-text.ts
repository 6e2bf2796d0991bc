import { check } from "../../../runner-bootstrap/boxd/steps/expressions/check.ts";
import { toText } from "../../../runner-bootstrap/boxd/steps/expressions/coerce.ts";
import type { Complaints } from "./complain.ts";
import type { ScalarNode } from "./node.ts";
import type { Contexts } from "./shape.ts";

/** Tells what is wrong with the expressions of a text; what only looks odd is a warning, for GitHub lets it pass. */
export function checkText(
  node: ScalarNode,
  contexts: Contexts | null,
  isCondition: boolean,
  key: string,
  complaints: Complaints,
): void {
  const text = toText(node.value);
  if (contexts === null) {
    complaints.add(
      node.at,
      key,
      "There is an expression `${{ }}` here.",
      "GitHub evaluates none at this place: write plain text.",
    );
    return;
  }
  const faults = check(text, {
    contexts: contexts.contexts,
    functions: contexts.functions ?? [],
    isCondition,
  });
  for (const fault of faults) {
    const add = fault.level === "warning" ? complaints.warnAt : complaints.addAt;
    const message = sentence(fault.message);
    const { line, column } = complaints.placeAt(node.at);
    if (node.style === "block")
      add(line + fault.line, fault.column + complaints.indentOf(line + 1), key, message);
    else if (fault.line > 1) add(line, column, key, message);
    else add(line, column + fault.column - 1 + (node.style === "quoted" ? 1 : 0), key, message);
  }
}

function sentence(text: string): string {
  const start = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.?!]$/u.test(start) ? start : `${start}.`;
}
