import { BASE_BRANCH, WRITER } from "../pull-request.ts";
import type { Scene } from "./scene.ts";

const CONFIG = ".github/crabbox.yml";
const BRANCH = "by-itself";

/** What the repository's own file starts by itself; a pull request of its own, closed again at the end. */
export async function byItself(scene: Scene): Promise<void> {
  const { acting, teller, expect, stage, commands } = scene;
  const { control } = stage.github;
  const { repo } = stage.pull;
  teller.tell(
    "chapter",
    "By itself: the repository's own file starts a check that a branch rule can require",
  );
  const push = (branch: string, files: Record<string, string | null>, message: string) =>
    control.pushCommit({ repo, branch, login: WRITER, files, message });
  const file = [
    "commands:",
    `  test: { run: ${JSON.stringify(commands.test)} }`,
    "auto:",
    '  test: { command: test, paths: ["**", "!*.md"] }',
    "",
  ].join("\n");
  await push(BASE_BRANCH, { [CONFIG]: file }, "Test every push\n");
  teller.tell("act", `${WRITER} puts this on the default branch as ${CONFIG}:\n${file}`, { path: CONFIG });

  const before = await acting.lastCheck();
  const { sha } = await push(BRANCH, { "TIDES.txt": "Two a day.\n" }, "Count the tides\n");
  const title = "Count the tides";
  const { number } = await control.openPull({ repo, login: WRITER, title, head: BRANCH, base: BASE_BRANCH });
  teller.tell("act", `${WRITER} opens pull request ${number} and says nothing.`, { sha });
  const [check] = await acting.newChecks(before, 1);
  const run = await acting.finished(check?.id ?? 0);
  expect("its check is called as the file says", run.check.name === "crabbox / test", run.check.name);
  expect("the head was tested", run.outcome === "succeeded" && run.check.headSha === sha, run.outcome);
  const said = await control.listComments({ repo, number });
  expect("no comment was needed, and none was written", said.length === 0, said.length);

  const { sha: second } = await push(
    BRANCH,
    { "TIDES.txt": null, "TIDES.md": "Two a day.\n" },
    "Words only\n",
  );
  const [next] = await acting.newChecks(check?.id ?? 0, 1);
  const skipped = await acting.finished(next?.id ?? 0);
  expect(
    "a change that the check does not test is reported as skipped, with the reason",
    skipped.check.conclusion === "skipped" && skipped.check.headSha === second,
    skipped.check.output.title,
  );
  // The next story finds the repository as this one did.
  await push(BASE_BRANCH, { [CONFIG]: null }, "Test no push\n");
  await control.closePull({ repo, number, login: WRITER });
  await control.deleteBranch({ repo, branch: BRANCH, login: WRITER });
}
