import type { SyntaxRow } from "./row.ts";
import { CONTEXT_ROWS } from "./rows-contexts.ts";
import { COMMAND_ROWS, FILE_ROWS, FUNCTION_ROWS, SHELL_ROWS, VARIABLE_ROWS } from "./rows-engine.ts";
import { EVENT_ROWS } from "./rows-events.ts";
import { JOB_ROWS } from "./rows-jobs.ts";
import { ACTION_ROWS, STEP_ROWS } from "./rows-steps.ts";
import { WORKFLOW_ROWS } from "./rows-workflow.ts";

/** Every row, by what GitHub's list of names calls its kind; a name stands in one row. */
export const SYNTAX: Readonly<
  Record<string, { readonly title: string; readonly rows: readonly SyntaxRow[] }>
> = {
  workflow: {
    title: "Keys of a workflow",
    rows: [...WORKFLOW_ROWS, ...EVENT_ROWS, ...JOB_ROWS, ...STEP_ROWS],
  },
  action: { title: "Keys of an action's file", rows: ACTION_ROWS },
  contexts: { title: "Contexts", rows: CONTEXT_ROWS },
  functions: { title: "Functions", rows: FUNCTION_ROWS },
  commands: { title: "Workflow commands", rows: COMMAND_ROWS },
  files: { title: "Environment files", rows: FILE_ROWS },
  variables: { title: "Default environment variables", rows: VARIABLE_ROWS },
  shells: { title: "Shells", rows: SHELL_ROWS },
};

const MARKS = { works: "works", partly: "partly", no: "**no**" } as const;

/** `docs/workflow-syntax.md`: what `crabbox-app job` does with every name of GitHub's workflow syntax. */
export function workflowSyntaxMarkdown(): string {
  const sections = Object.values(SYNTAX).map(
    ({ title, rows }) => `## ${title}

${countOf(rows)}

| name | here | how, or why not | held by |
| --- | --- | --- | --- |
${rows
  .toSorted((a, b) => (a.key < b.key ? -1 : 1))
  .map(lineOf)
  .join("\n")}
`,
  );
  return `# Workflow syntax

What \`npx crabbox-app job\` does with each name of GitHub's workflow syntax, on this machine. This page is made by
\`npx crabbox-app schema --workflow-syntax\`; tests hold it to the names that GitHub publishes, and each row to the test file it names.
\`<name>\` stands for a name of the author's choice, \`[*]\` for every item of a list. Words that a key may have (types of events, levels of
permissions) are those of GitHub's schema; any other is refused with its place.

${sections.join("\n")}`;
}

function countOf(rows: readonly SyntaxRow[]): string {
  const count = (state: SyntaxRow["state"]): number => rows.filter((row) => row.state === state).length;
  return `${rows.length} names: ${count("works")} work, ${count("partly")} work in part, ${count("no")} do not.`;
}

function lineOf({ key, state, note, test }: SyntaxRow): string {
  return `| \`${key}\` | ${MARKS[state]} | ${note} | ${test === null ? "" : `[${test.split("/").at(-1)}](../${test})`} |`;
}
