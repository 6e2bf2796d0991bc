import { workflowSyntaxMarkdown } from "../hydrate/syntax/page.ts";
import { repoConfigMarkdown } from "../repo-config/docs.ts";
import { repoConfigSchema } from "../repo-config/json-schema.ts";
import { settingsMarkdown } from "../settings-docs.ts";
import { settingsSchema } from "../settings-schema.ts";

const HELP = `Usage: npx crabbox-app schema [--repo-config] [--markdown] | --workflow-syntax

Prints the JSON Schema of the settings file; --repo-config that of a repository's .github/crabbox.yml.
--markdown prints its page, docs/configure.md or docs/crabbox-yml.md. --workflow-syntax alone prints docs/workflow-syntax.md.
`;
const FLAGS: ReadonlySet<string> = new Set(["--repo-config", "--markdown"]);

/** `crabbox-app schema`: 0, or 2 for wrong arguments. */
export async function schema(args: readonly string[]): Promise<number> {
  const isHelp = args.length === 1 && (args[0] === "--help" || args[0] === "-h");
  const isSyntax = args.length === 1 && args[0] === "--workflow-syntax";
  if (!isHelp && !isSyntax && (args.some((one) => !FLAGS.has(one)) || new Set(args).size !== args.length)) {
    process.stderr.write(HELP);
    return 2;
  }
  if (isSyntax) {
    process.stdout.write(workflowSyntaxMarkdown());
    return 0;
  }
  const isRepo = args.includes("--repo-config");
  if (isHelp) process.stdout.write(HELP);
  else if (args.includes("--markdown"))
    process.stdout.write(isRepo ? repoConfigMarkdown() : settingsMarkdown());
  else process.stdout.write(`${JSON.stringify(isRepo ? repoConfigSchema() : settingsSchema(), null, 2)}\n`);
  return 0;
}
