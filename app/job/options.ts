import { parseArgs } from "node:util";

/** What `crabbox-app job` was asked to do; paths as given. */
export type JobOptions = {
  readonly repo: string;
  /** A path, a file name in `.github/workflows`, or a folder. */
  readonly workflow: string;
  readonly job: string | null;
  /** Null: push when the workflow knows it, else its first. */
  readonly event: string | null;
  /** The job alone, without those it needs. */
  readonly only: boolean;
  readonly payload: string | null;
  readonly matrix: Readonly<Record<string, string>>;
  readonly inputs: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, string>>;
  readonly vars: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
  readonly githubRoot: string | null;
  /** Steps have the person's own home; else each job an empty one, with copies of `homeFiles`. */
  readonly home: boolean;
  /** Relative to the person's home. */
  readonly homeFiles: readonly string[];
  readonly json: boolean;
};

export const JOB_HELP = `Usage: npx crabbox-app job --repo PATH --workflow W [options]

Runs a workflow's jobs on this machine, in a copy of the working tree (uncommitted files included). Exit code 0: all succeeded.

  --repo PATH         the repository
  --workflow W        a path, a file name in .github/workflows, or a folder: every workflow in it that the event triggers
  --job J             this job, after those it needs; left out: all jobs in the order of their needs
  --only              with --job: without those it needs
  --event NAME        the event; left out: with --input the one that takes inputs, else push when the workflow
                      knows it, else the first it names
  --payload FILE      JSON that is laid over the event's payload
  --matrix K=V        only combinations with this value; may be repeated, as may the following
  --input K=V         an input of workflow_dispatch or workflow_call
  --secret K=V        a secret; K alone takes it from this environment, which keeps it out of the list of processes
  --var K=V           a configuration variable
  --env K=V           environment of every step
  --github-root DIR   takes actions from bare repositories DIR/OWNER/NAME.git instead of GitHub
  --home-file FILE    copied from your home into each job's own, which else is empty (.npmrc, .config/pip); may be repeated
  --home              steps have your own home instead, to read and to write
  --json              one JSON object a line: log, step, annotation, and for each job its result
  -h, --help          this text
`;

const MANY = { type: "string", multiple: true } as const;

export type ReadOptions =
  | { readonly kind: "options"; readonly options: JobOptions }
  | { readonly kind: "help" }
  /** A sentence for people. */
  | { readonly kind: "wrong"; readonly message: string };

/** Reads the arguments; nothing is looked up on disk. `environment` answers a secret that is given by name only. */
export function readJobOptions(
  args: readonly string[],
  environment: (name: string) => string | undefined,
): ReadOptions {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        repo: { type: "string", default: "." },
        workflow: { type: "string", short: "W" },
        job: { type: "string", short: "j" },
        event: { type: "string" },
        only: { type: "boolean", default: false },
        payload: { type: "string" },
        matrix: MANY,
        input: MANY,
        secret: MANY,
        var: MANY,
        env: MANY,
        "github-root": { type: "string" },
        home: { type: "boolean", default: false },
        "home-file": { type: "string", multiple: true, default: [] },
        json: { type: "boolean", default: false },
        help: { type: "boolean", short: "h" },
      },
    });
    if (values.help === true) return { kind: "help" };
    if (values.only && values.job === undefined)
      return { kind: "wrong", message: "--only belongs to --job." };
    if (values.home && values["home-file"].length > 0)
      return {
        kind: "wrong",
        message: "--home-file is for jobs with a home of their own: leave out --home.",
      };
    if (values.workflow === undefined) return { kind: "wrong", message: "--workflow is missing." };
    const options: JobOptions = {
      repo: values.repo,
      workflow: values.workflow,
      job: values.job ?? null,
      event: values.event ?? null,
      only: values.only,
      payload: values.payload ?? null,
      matrix: pairs("matrix", values.matrix),
      inputs: pairs("input", values.input),
      secrets: pairs("secret", values.secret, environment),
      vars: pairs("var", values.var),
      env: pairs("env", values.env),
      githubRoot: values["github-root"] ?? null,
      home: values.home,
      homeFiles: values["home-file"],
      json: values.json,
    };
    return { kind: "options", options };
  } catch (thrown) {
    return { kind: "wrong", message: thrown instanceof Error ? thrown.message : String(thrown) };
  }
}

function pairs(
  option: string,
  given: readonly string[] = [],
  fallback?: (name: string) => string | undefined,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    given.map((text) => {
      const at = text.indexOf("=");
      const name = at === -1 ? text : text.slice(0, at);
      const value = at === -1 ? fallback?.(name) : text.slice(at + 1);
      if (name === "" || value === undefined)
        throw new Error(
          fallback === undefined
            ? `--${option} ${text}: write it as NAME=VALUE.`
            : `--${option} ${text}: write it as NAME=VALUE, or set ${name} in the environment.`,
        );
      return [name, value];
    }),
  );
}
