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

/** act copies the working tree at this step, and fetches nothing for it; ours copies it in any case. */
const ACT_CHECKOUT = "\n      - uses: actions/checkout@v4";

export type JobScripts = { readonly runs: string; readonly actions: string; readonly forAct: string };

/**
 * Makes a small committed repository in `dir` with one workflow a measurement: `one`, `runs`, `actions`, `seven`. Answers the plain
 * scripts, and the folder of the same workflows for act.
 */
export function makeJobRepository(dir: string, node: string): JobScripts {
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
  const jobs = {
    one: "\n      - run: true\n",
    runs: `\n${"      - run: true\n".repeat(RUN_STEPS)}`,
    actions: `\n      - run: true\n${`      - uses: ./${ACTION}\n`.repeat(NODE_STEPS)}`,
    seven: SEVEN,
  };
  for (const [id, steps] of Object.entries(jobs)) {
    put(`.github/workflows/${id}.yml`, workflow(id, steps));
    put(`.git/bench/act/${id}.yml`, workflow(id, ACT_CHECKOUT + steps));
  }
  const git = (...args: readonly string[]): void =>
    void execFileSync("git", ["-C", dir, "-c", "user.name=Ada", "-c", "user.email=ada@example.com", ...args]);
  git("init", "-q", "-b", "main");
  git("add", "-A");
  git("commit", "-q", "-m", "first");
  const one = put(".git/bench/true.sh", "true\n");
  const action = join(dir, ACTION);
  return {
    forAct: join(dir, ".git/bench/act"),
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
