/** Workflow commands in a line of output, in both forms: `::name key=value::data` and `##[name key=value]data`. */

export type Command = {
  /** In lower case. */
  readonly name: string;
  /** By lower-case name; parsed only when asked for. */
  readonly properties: () => ReadonlyMap<string, string>;
  readonly data: string;
};

/** Finds the command in a line by the rules of actions/runner ActionCommand.cs; null when it is plain text. */
export function parseCommand(line: string, isKnown: (name: string) => boolean): Command | null {
  return parseColons(line, isKnown) ?? parseBracket(line, isKnown);
}

function parseColons(line: string, isKnown: (name: string) => boolean): Command | null {
  const text = line.trimStart();
  if (!text.startsWith("::")) return null;
  const end = text.indexOf("::", 2);
  if (end === -1) return null;
  const info = text.slice(2, end);
  const head = headOf(info, isKnown);
  if (head === null) return null;
  const properties = (): Map<string, string> => propertiesOf(head.rest.trim(), ",", unescapeProperty);
  return { name: head.name, properties, data: unescapeData(text.slice(end + 2)) };
}

function parseBracket(line: string, isKnown: (name: string) => boolean): Command | null {
  const start = line.indexOf("##[");
  if (start === -1) return null;
  const end = line.indexOf("]", start);
  if (end === -1) return null;
  const head = headOf(line.slice(start + 3, end), isKnown);
  if (head === null) return null;
  const properties = (): Map<string, string> => propertiesOf(head.rest, ";", unescapeBracket);
  return { name: head.name, properties, data: unescapeBracket(line.slice(end + 1)) };
}

function headOf(info: string, isKnown: (name: string) => boolean): { name: string; rest: string } | null {
  const space = info.indexOf(" ");
  const name = (space === -1 ? info : info.slice(0, space)).toLowerCase();
  if (name === "" || !isKnown(name)) return null;
  return { name, rest: space === -1 ? "" : info.slice(space + 1) };
}

function propertiesOf(
  text: string,
  separator: string,
  unescape: (text: string) => string,
): Map<string, string> {
  const found = new Map<string, string>();
  for (const part of text === "" ? [] : text.split(separator)) {
    const equals = part.indexOf("=");
    const value = part.slice(equals + 1);
    if (equals > 0 && value !== "") found.set(part.slice(0, equals).toLowerCase(), unescape(value));
  }
  return found;
}

// The order is the runner's: %25 comes last, so that "%250A" is the text "%0A".
function unescapeData(text: string): string {
  if (!text.includes("%")) return text;
  return text.replaceAll("%0D", "\r").replaceAll("%0A", "\n").replaceAll("%25", "%");
}

function unescapeProperty(text: string): string {
  if (!text.includes("%")) return text;
  return unescapeData(text.replaceAll("%3A", ":").replaceAll("%2C", ","));
}

function unescapeBracket(text: string): string {
  if (!text.includes("%")) return text;
  return unescapeData(text.replaceAll("%3B", ";").replaceAll("%5D", "]"));
}
