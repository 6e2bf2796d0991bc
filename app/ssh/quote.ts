/** One word for a POSIX shell, safe in sh, bash, zsh, fish and csh as long as it has no newline or backslash. */
export function shellQuote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/**
 * A command line that means the same under every login shell: it replaces that shell by `sh`, which runs `script`
 * with `words` as $1, $2, ... The script must be one line.
 */
export function shellCommand(script: string, words: readonly string[] = []): string {
  return ["exec sh -c", shellQuote(script), "sh", ...words.map(shellQuote)].join(" ");
}
