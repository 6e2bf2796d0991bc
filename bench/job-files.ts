import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** Steps of the two long jobs, as issue 5 has them. */
export const RUN_STEPS = 100;
export const NODE_STEPS = 20;

const ACTION = ".github/actions/hello";

/** A middling job as people write it: variables, an output read back, a condition, an action, a summary. */
const SEVEN = `
      - run: echo "GREETING=hello" >> "$GITHUB_ENV"
      - id: made
        run: echo "value=$GREETING" >> "$GITHUB_OUTPUT"
      - run: test "\${{ steps.made.outputs.value }}" = hello
      - uses: ./${ACTION}
        with: { who: world }
      - if: failure()
        run: exit 1
      - run: ls > "$RUNNER_TEMP/listing"
        working-directory: src
      - run: echo "# done" >> "$GITHUB_STEP_SUMMARY"
`;

/** Makes a small committed repository in `dir` with one workflow a measurement: `one`, `runs`, `actions`, `seven`. Answers the plain scripts. */
export function makeJobRepository(
  dir: string,
  node: string,
): { readonly runs: string; readonly actions: string } {
  const put = (path: string, text: string): string => {
    const file = join(dir, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  };
  put(
    `${ACTION}/action.yml`,
    "name: hello\ninputs: { who: { default: all } }\nruns: { using: node20, main: main.js, post: post.js }\n",
  );
  put(`${ACTION}/main.js`, `console.log("hello", process.env.INPUT_WHO);\n`);
  put(`${ACTION}/post.js`, `console.log("bye");\n`);
  for (let file = 0; file < 20; file += 1) put(`src/file${file}.txt`, `file ${file}\n`);
  put(".github/workflows/one.yml", workflow("one", "\n      - run: true\n"));
  put(".github/workflows/runs.yml", workflow("runs", `\n${"      - run: true\n".repeat(RUN_STEPS)}`));
  put(
    ".github/workflows/actions.yml",
    workflow("actions", `\n      - run: true\n${`      - uses: ./${ACTION}\n`.repeat(NODE_STEPS)}`),
  );
  put(".github/workflows/seven.yml", workflow("seven", SEVEN));
  const git = (...args: readonly string[]): void =>
    void execFileSync("git", ["-C", dir, "-c", "user.name=Ada", "-c", "user.email=ada@example.com", ...args]);
  git("init", "-q", "-b", "main");
  git("add", "-A");
  git("commit", "-q", "-m", "first");
  const one = put(".git/bench/true.sh", "true\n");
  const action = join(dir, ACTION);
  return {
    runs: put(".git/bench/runs.sh", `bash -e ${one}\n`.repeat(RUN_STEPS)),
    actions: put(
      ".git/bench/actions.sh",
      ["main.js", "post.js"].map((file) => `${node} ${action}/${file}\n`.repeat(NODE_STEPS)).join(""),
    ),
  };
}

function workflow(id: string, steps: string): string {
  return `name: ${id}\non: push\njobs:\n  ${id}:\n    runs-on: ubuntu-latest\n    steps:${steps}`;
}
