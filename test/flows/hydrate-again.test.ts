import { afterAll, beforeAll, expect, test } from "vitest";
import { audit } from "../recovery/books.ts";
import { openStage, REPO, WRITER, type Stage } from "../servers/stage.ts";

const WORKFLOW = `on: push
jobs:
  hydrate:
    runs-on: ubuntu-latest
    steps:
      - name: install
        run: mkdir -p node_modules && cat package-lock.json > node_modules/installed && echo "set-up of $(cat package-lock.json)"
      - run: npm test
  fragile:
    runs-on: ubuntu-latest
    steps:
      - name: breaks
        run: mkdir -p node_modules && echo half > node_modules/installed && exit 3
      - run: npm test
`;
const COMMAND = "/crabbox run -- cat node_modules/installed";
const SKIPPED = /^\| Set-up \| skipped: done on this box at /mu;

let stage: Stage;
beforeAll(async () => {
  stage = await openStage({
    files: { ".github/workflows/ci.yml": WORKFLOW, "package-lock.json": "lock one\n" },
  });
});
afterAll(() => stage.close());

const push = (files: Readonly<Record<string, string>>) =>
  stage.github.control.pushCommit({ repo: REPO, branch: "change", login: WRITER, files });

async function prepares(lock: string): Promise<void> {
  const check = await stage.run(COMMAND);
  expect(check.output.text).toContain(`set-up of ${lock}\n`);
  expect(check.output.text).toContain(`\n${lock}\n`);
  expect(check.output.summary).not.toMatch(SKIPPED);
  expect(check.conclusion).toBe("success");
}

async function finds(lock: string): Promise<void> {
  const check = await stage.run(COMMAND);
  expect(check.output.text).not.toContain("set-up of");
  expect(check.output.text).toContain(`${lock}\n`);
  expect(check.output.summary).toMatch(SKIPPED);
  expect(check.conclusion).toBe("success");
}

test("a warm box is prepared once; again for a changed lock file, not for other changes", async () => {
  await prepares("lock one");
  await finds("lock one");
  await push({ "a.txt": "two\n" });
  await finds("lock one");
  await push({ "package-lock.json": "lock two\n" });
  await prepares("lock two");
  await finds("lock two");
});

test("a failed step of another job leaves nothing that counts", async () => {
  const failed = await stage.run("/crabbox run --job fragile -- echo never");
  expect(failed.conclusion).toBe("failure");
  expect(failed.output.summary).toContain("breaks");
  // On the same box, which was prepared before it.
  await prepares("lock two");
  await finds("lock two");
  expect(audit(stage.app.stateDir, "select id from lease")).toHaveLength(1);
});
