import { parseArgs } from "node:util";

const HELP = `Usage: npm run cuts -- --root DIR [--every]

Compares what \`crabbox-app explain\` chooses in real public repositories with what was written down beforehand
(tools/cuts/expected.json: repository and commit, job, number of steps, the step that ends the set-up).

  --root DIR    bare repositories DIR/OWNER/NAME.git, of the actions, too; default: fetched from github.com
                into a temporary directory, one commit each
  --every       explains every workflow of every repository in DIR, too, and fails when one is no answer
  -h, --help    this text

Exit code: 0 all as expected, 1 something differs, 2 wrong arguments.
`;

export type Asked = { readonly root: string | null; readonly every: boolean };

/** The command line as what is asked, or the exit code when there is nothing to do. */
export function readArguments(args: readonly string[]): Asked | number {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        root: { type: "string" },
        every: { type: "boolean", default: false },
        help: { type: "boolean", short: "h" },
      },
    });
    if (values.help === true) {
      process.stdout.write(HELP);
      return 0;
    }
    if (values.every && values.root === undefined) throw new Error("--every needs --root DIR.");
    return { root: values.root ?? null, every: values.every };
  } catch (thrown) {
    process.stderr.write(`${thrown instanceof Error ? thrown.message : String(thrown)}\n\n${HELP}`);
    return 2;
  }
}
