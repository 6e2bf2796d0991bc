import { rmSync } from "node:fs";
import { join } from "node:path";
import { REPO, WRITER } from "../servers/stage.ts";
import { audit } from "./books.ts";
import type { Scene } from "./scene.ts";

/** What each step of the story leaves outside of the box, once, under its task's id. */
export const MARKS = ["js", "post", "local", "run"] as const;

const ACTION = "acme/setup";
const MAIN = (mark: string) => `const { appendFileSync } = require("node:fs");
const socket = require("node:net").connect(Number(process.env.INPUT_PORT), "127.0.0.1");
socket.end("${mark}-" + process.env.CRABBOX_TASK + "\\n");
if (process.env.GITHUB_OUTPUT) appendFileSync(process.env.GITHUB_OUTPUT, "said=a\\n");
`;

/** The actions' repository; `v1` is a branch, as major versions of actions are. */
export async function publishAction({ stage }: Scene): Promise<void> {
  const { control } = stage.github;
  const files = {
    "action.yml":
      "name: setup\ninputs: { port: {} }\nruns: { using: node24, main: main.js, post: post.js }\n",
    "main.js": MAIN("js"),
    "post.js": MAIN("post"),
  };
  await control.createRepository({ owner: "acme", name: "setup", files });
  await control.pushCommit({ repo: ACTION, branch: "v1", login: WRITER, parent: "main", files: { v: "1" } });
}

/**
 * A base commit whose \`hydrate\` job is a real one: a JavaScript action with its post, a composite of the repository's own, a run step,
 * an output and a variable for the command. `extra` are more steps, at the end.
 */
export async function publishWorkflow({ stage, gate }: Scene, version: string, extra = ""): Promise<void> {
  const tell = (mark: string) => `echo "${mark}-$CRABBOX_TASK" > /dev/tcp/127.0.0.1/${gate.port}`;
  const workflow = `on: push
jobs:
  hydrate:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v6
      - id: js
        uses: ${ACTION}@v1
        with: { port: ${gate.port} }
      - uses: ./.github/actions/local
      - name: run
        run: |
          ${tell("run")}
          echo "FROM_RUN=\${{ steps.js.outputs.said }}b" >> "$GITHUB_ENV"
${extra}`;
  const local = `name: local
runs:
  using: composite
  steps:
    - shell: bash
      run: ${tell("local")}
`;
  const files = {
    ".github/workflows/ci.yml": workflow,
    ".github/actions/local/action.yml": local,
    version: `${version}\n`,
  };
  await stage.github.control.pushCommit({ repo: REPO, branch: "main", login: WRITER, files });
}

/** Part of the command: fails it when what the steps set is not there. */
export const SEES_ALL = '[ "$FROM_RUN" = ab ] || exit 9';

/** The server has no action's code any more. Only right before a restart. */
export function forgetActions(scene: Scene): void {
  rmSync(join(scene.stateDir, "actions"), { recursive: true, force: true });
}

/** Attempts whose steps did not all run exactly once, and runs with another number of attempts than one. */
export function repeats(scene: Scene): readonly string[] {
  const attempts = audit(scene.stateDir, "select id, run_id from attempt");
  const steps = attempts.flatMap(({ id }) =>
    MARKS.map((mark) => `${mark}-${String(id)}`)
      .filter((token) => scene.gate.begun(token) !== 1)
      .map((token) => `${token}: ${scene.gate.begun(token)} times`),
  );
  const more = audit(
    scene.stateDir,
    "select run_id, count(*) as n from attempt group by run_id having n > 1",
  );
  return [...steps, ...more.map((row) => JSON.stringify(row))];
}
