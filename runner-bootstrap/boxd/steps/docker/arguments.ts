/** Texts that hold several arguments: `options:`, a service's `command:`, `with.args` of `docker://`. */

/**
 * Splits as GitHub's runner does, which leaves it to .NET (System.Diagnostics.ProcessStartInfo.Arguments on Unix): spaces and tabs
 * separate, double quotes group, `""` in quotes and `\"` are a quote, and a backslash before anything else is itself. Single quotes,
 * `$` and line ends mean nothing; no shell sees the text.
 */
export function splitArguments(text: string): readonly string[] {
  const found: string[] = [];
  let at = 0;
  for (;;) {
    while (isSpace(text[at])) at += 1;
    if (at >= text.length) return found;
    const next = argumentAt(text, at);
    found.push(next.value);
    at = next.end;
  }
}

function argumentAt(text: string, start: number): { readonly value: string; readonly end: number } {
  const parts: string[] = [];
  let quoted = false;
  let at = start;
  while (at < text.length) {
    const char = text[at] ?? "";
    if (char === "\\") {
      const run = backslashes(text, at);
      at += run;
      const escapes = text[at] === '"';
      parts.push("\\".repeat(escapes ? Math.floor(run / 2) : run));
      if (!escapes || run % 2 === 0) continue;
      parts.push('"');
      at += 1;
    } else if (char === '"') {
      const doubled = quoted && text[at + 1] === '"';
      if (doubled) parts.push('"');
      else quoted = !quoted;
      at += doubled ? 2 : 1;
    } else if (!quoted && isSpace(char)) {
      break;
    } else {
      parts.push(char);
      at += 1;
    }
  }
  return { value: parts.join(""), end: at };
}

function backslashes(text: string, at: number): number {
  let end = at;
  while (text[end] === "\\") end += 1;
  return end - at;
}

function isSpace(char: string | undefined): boolean {
  return char === " " || char === "\t";
}
