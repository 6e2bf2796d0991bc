/** The format of GITHUB_ENV: `NAME=value`, and `NAME<<DELIMITER` for values of several lines. */

export type EnvFile = { readonly env: Readonly<Record<string, string>> } | { readonly error: string };

const NAME = /^[A-Za-z_][A-Za-z0-9_-]*$/;

/** Parses the whole file. Like GitHub, refuses what it does not understand rather than to skip it. */
export function parseEnvFile(text: string): EnvFile {
  const env: Record<string, string> = {};
  const lines = text.replaceAll("\r\n", "\n").split("\n");
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? "";
    if (line === "") continue;
    const equals = line.indexOf("=");
    const heredoc = line.indexOf("<<");
    if (equals !== -1 && (heredoc === -1 || equals < heredoc)) {
      const name = line.slice(0, equals);
      if (!NAME.test(name)) return { error: `GITHUB_ENV line ${at + 1}: not a name` };
      env[name] = line.slice(equals + 1);
      continue;
    }
    if (heredoc === -1) return { error: `GITHUB_ENV line ${at + 1}: expected NAME=value or NAME<<DELIMITER` };
    const name = line.slice(0, heredoc);
    const delimiter = line.slice(heredoc + 2);
    if (!NAME.test(name) || delimiter === "")
      return { error: `GITHUB_ENV line ${at + 1}: not a name and a delimiter` };
    const end = lines.indexOf(delimiter, at + 1);
    if (end === -1) return { error: `GITHUB_ENV line ${at + 1}: the delimiter does not come again` };
    env[name] = lines.slice(at + 1, end).join("\n");
    at = end;
  }
  return { env };
}
