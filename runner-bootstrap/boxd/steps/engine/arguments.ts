/** How a command line of a shell setting becomes arguments. */

/**
 * Splits as the official runner's process start does (.NET on Linux): double quotes group, a backslash escapes a double quote only,
 * single quotes mean nothing.
 */
export function splitArguments(line: string): string[] {
  const found: string[] = [];
  let at = 0;
  while (at < line.length) {
    if (isSpace(line[at])) {
      at += 1;
      continue;
    }
    let word = "";
    let isQuoted = false;
    for (; at < line.length; at += 1) {
      const char = line[at] ?? "";
      if (char === "\\") {
        let end = at;
        while (line[end] === "\\") end += 1;
        const count = end - at;
        if (line[end] !== '"') {
          word += "\\".repeat(count);
        } else {
          word += "\\".repeat(count >> 1);
          if (count % 2 === 1) {
            word += '"';
            end += 1;
          }
        }
        at = end - 1;
      } else if (char === '"') {
        if (isQuoted && line[at + 1] === '"') {
          word += '"';
          at += 1;
        } else isQuoted = !isQuoted;
      } else if (isSpace(char) && !isQuoted) break;
      else word += char;
    }
    found.push(word);
  }
  return found;
}

function isSpace(char: string | undefined): boolean {
  return char === " " || char === "\t";
}
