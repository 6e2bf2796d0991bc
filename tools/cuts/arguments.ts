import { parseArgs } from "node:util";

const HELP = `Usage: npm run cuts -- --root DIR [--every] [--hydrate [--env NAME=VALUE]...]

Compares what \`crabbox-app explain\` chooses in real public repositories with what was written down beforehand
(tools/cuts/expected.json: repository and commit, job, number of steps, the step that ends the set-up).

  --root DIR    bare repositories DIR/OWNER/NAME.git, of the actions, too; default: fetched from github.com
                into a temporary directory, one commit each
  --every       explains every workflow of every repository in DIR, too, and fails when one is no answer
  --hydrate     then prepares boxes in the demo for the runs of tools/cuts/hydrated.json and fails when one does not end
                as its verdict says; takes minutes, and what those set-ups need of the network (docs/operate.md)
  --env NAME=VALUE
                with --hydrate: as the demo takes it; may be repeated
  -h, --help    this text

Exit code: 0 all as expected, 1 something differs, 2 wrong arguments.
`;

export type Asked = {
  readonly root: string | null;
  readonly every: boolean;
  /** Null: no box is prepared. */
  readonly hydrate: { readonly env: readonly string[] } | null;
};

/** The command line as what is asked, or the exit code when there is nothing to do. */
export function readArguments(args: readonly string[]): Asked | number {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        root: { type: "string" },
        every: { type: "boolean", default: false },
        hydrate: { type: "boolean", default: false },
        env: { type: "string", multiple: true, default: [] },
        help: { type: "boolean", short: "h" },
      },
    });
    if (values.help === true) {
      process.stdout.write(HELP);
      return 0;
    }
    if (values.every && values.root === undefined) throw new Error("--every needs --root DIR.");
    if (values.hydrate && values.root === undefined) throw new Error("--hydrate needs --root DIR.");
    if (values.env.length > 0 && !values.hydrate) throw new Error("--env belongs to --hydrate.");
    return {
      root: values.root ?? null,
      every: values.every,
      hydrate: values.hydrate ? { env: values.env } : null,
    };
  } catch (thrown) {
    process.stderr.write(`${thrown instanceof Error ? thrown.message : String(thrown)}\n\n${HELP}`);
    return 2;
  }
}
