import { parseArgs } from "node:util";
import type { CutAsked } from "../hydrate/choose/cut.ts";
import { explanationText } from "../hydrate/explain/text.ts";
import { faultText } from "../hydrate/read/fault.ts";
import { explainRepository, type Explained } from "../job/explain.ts";
import { openCache } from "../job/open-cache.ts";
import { openSource } from "../job/open-source.ts";

const HELP = `Usage: npx crabbox-app explain --repo PATH [options]

Says what would prepare a box for this repository: which job, which of its steps, each action with its commit, what is
answered, skipped or missing. Nothing is run. Exit code 0: it can run; 1: it cannot, or there is nothing to choose.

  --repo PATH         the repository (default: here)
  --workflow W        a path or a file name in .github/workflows; left out: all of them are looked at
  --job J             the job; left out: one named hydrate, else the one that looks like set-up and tests
  --before STEP       ends the set-up before this step (id, name or number); --all: takes every step
  --github-root DIR   takes actions from bare repositories DIR/OWNER/NAME.git instead of GitHub
  --json              one JSON object
  -h, --help          this text
`;

/** `crabbox-app explain`: 0 when the job can run, 1 when not or when none can be chosen, 2 for wrong arguments. */
export async function explain(args: readonly string[]): Promise<number> {
  const asked = readArguments(args);
  if (typeof asked === "number") return asked;
  const { values, cut } = asked;
  const note = (text: string): void => void process.stderr.write(`${text}\n`);
  const source = openSource(values["github-root"] ?? null, openCache(process.env), note);
  const { explained, faults, warnings } = await explainRepository(
    { source, path: process.env["PATH"] ?? "" },
    {
      repo: values.repo,
      workflow: values.workflow ?? ".github/workflows",
      job: values.job ?? null,
      only: false,
      event: null,
      payload: null,
      matrix: {},
      inputs: {},
      secrets: {},
      vars: {},
      env: {},
      home: false,
      homeFiles: [],
      githubRoot: values["github-root"] ?? null,
      json: values.json,
    },
    cut,
  );
  if (values.json) process.stdout.write(`${JSON.stringify({ ...explained, faults, warnings }, null, 2)}\n`);
  else {
    for (const fault of [...faults, ...warnings]) process.stderr.write(`${faultText(fault)}\n`);
    process.stdout.write(textOf(explained));
  }
  return explained.kind === "explained" && explained.explanation.verdict !== "cannot" ? 0 : 1;
}

function readArguments(args: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        repo: { type: "string", default: "." },
        workflow: { type: "string", short: "W" },
        job: { type: "string", short: "j" },
        before: { type: "string" },
        all: { type: "boolean", default: false },
        "github-root": { type: "string" },
        json: { type: "boolean", default: false },
        help: { type: "boolean", short: "h" },
      },
    });
    if (values.help === true) {
      process.stdout.write(HELP);
      return 0;
    }
    if (values.all && values.before !== undefined) throw new Error("--all and --before exclude each other.");
    const cut: CutAsked | undefined = values.all
      ? { all: true }
      : values.before === undefined
        ? undefined
        : { before: values.before };
    return { values, cut };
  } catch (thrown) {
    process.stderr.write(`${thrown instanceof Error ? thrown.message : String(thrown)}\n\n${HELP}`);
    return 2;
  }
}

function textOf(explained: Explained): string {
  switch (explained.kind) {
    case "explained": {
      const { workflow, job, reasons, explanation } = explained;
      return `${workflow}, job ${job}: ${reasons.join(" ")}\n\n${explanationText(explanation)}`;
    }
    case "ask": {
      const rows = explained.candidates.map(
        (one) => `  --workflow ${one.workflow} --job ${one.job}${one.why === "" ? "" : `   ${one.why}`}\n`,
      );
      return `${explained.message}\n${rows.join("")}`;
    }
    case "none":
      return `${explained.message} ${explained.hint}\n`;
  }
}
