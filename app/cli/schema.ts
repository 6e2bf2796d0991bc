import { settingsMarkdown } from "../settings-docs.ts";
import { settingsSchema } from "../settings-schema.ts";

const HELP = `Usage: npx crabbox-app schema [--markdown]

Prints the JSON Schema of the settings file; --markdown prints docs/configure.md.
`;

/** `crabbox-app schema`: 0, or 2 for wrong arguments. */
export async function schema(args: readonly string[]): Promise<number> {
  const [flag] = args;
  if (args.length > 1 || (flag !== undefined && !["--markdown", "--help", "-h"].includes(flag))) {
    process.stderr.write(HELP);
    return 2;
  }
  if (flag === undefined) process.stdout.write(`${JSON.stringify(settingsSchema(), null, 2)}\n`);
  else process.stdout.write(flag === "--markdown" ? settingsMarkdown() : HELP);
  return 0;
}
