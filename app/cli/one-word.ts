import { parseArgs } from "node:util";

/** The one word that a command takes; or, when its help was asked for or needed and is now printed, the exit code. */
export function oneWord(args: readonly string[], help: string): { readonly word: string } | number {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { help: { type: "boolean", short: "h" } },
    });
    const [word, ...more] = positionals;
    if (values.help === true) {
      process.stdout.write(help);
      return 0;
    }
    if (word !== undefined && word !== "" && more.length === 0) return { word };
    process.stderr.write(help);
  } catch (thrown) {
    process.stderr.write(`${thrown instanceof Error ? thrown.message : String(thrown)}\n\n${help}`);
  }
  return 2;
}
