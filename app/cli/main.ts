import { toAppError } from "../errors.ts";
/** One row a command: what `--help` prints and what runs, imported only then. A new command is one file and one row. */
const COMMANDS: Readonly<
  Record<string, { readonly summary: string; readonly run: (args: readonly string[]) => Promise<number> }>
> = {
  backup: {
    summary: "Writes database, logs and keys into one file; the App may run.",
    run: async (args) => (await import("./backup.ts")).backup(args),
  },
  config: {
    summary: "Checks a repository's .github/crabbox.yml: config check PATH.",
    run: async (args) => (await import("./config.ts")).config(args),
  },
  "dead-letters": {
    summary: "Lists deliveries that failed for good; --retry GUID puts one back.",
    run: async (args) => (await import("./dead-letters.ts")).deadLetters(args),
  },
  doctor: {
    summary: "Looks at settings, store, clock, GitHub and providers; says what to do.",
    run: async (args) => (await import("./doctor.ts")).doctor(args),
  },
  explain: {
    summary: "Says which workflow steps would prepare a box, and what they need.",
    run: async (args) => (await import("./explain.ts")).explain(args),
  },
  job: {
    summary: "Runs a workflow's jobs on this machine, in a copy of the working tree.",
    run: async (args) => (await import("./job.ts")).job(args),
  },
  restore: {
    summary: "Makes the state directory from a backup.",
    run: async (args) => (await import("./restore.ts")).restore(args),
  },
  schema: {
    summary: "Prints the JSON Schema of the settings file, or of .github/crabbox.yml.",
    run: async (args) => (await import("./schema.ts")).schema(args),
  },
};

// A reader that has seen enough (`| head`) is no fault of ours; a command that runs on listens for itself.
process.stdout.on("error", () => undefined);
const [name, ...args] = process.argv.slice(2);
/** Fulfilled when the command has ended. Not awaited up here, because code that is kept is read by `require`. */
export const ended = main(name, args).then((code) => void (process.exitCode = code));

async function main(command: string | undefined, rest: readonly string[]): Promise<number> {
  const found = command !== undefined && Object.hasOwn(COMMANDS, command) ? COMMANDS[command] : undefined;
  if (found === undefined) {
    const asked = command === undefined || command === "--help" || command === "-h" || command === "help";
    const lines = Object.entries(COMMANDS).map(([verb, { summary }]) => `  ${verb.padEnd(14)} ${summary}`);
    const usage = `Usage: npx crabbox-app COMMAND\n\n${lines.join("\n")}\n`;
    if (asked) process.stdout.write(usage);
    else process.stderr.write(`There is no command "${command}".\n\n${usage}`);
    return asked ? 0 : 2;
  }
  try {
    return await found.run(rest);
  } catch (thrown) {
    const error = toAppError(thrown);
    process.stderr.write(`${error.message}\n${error.hint}\n`);
    const { cause } = error;
    if (error.code === "internal" && cause !== undefined)
      process.stderr.write(`${cause instanceof Error ? cause.stack : JSON.stringify(cause)}\n`);
    return 1;
  }
}
