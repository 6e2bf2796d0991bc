import { BASE_BRANCH, WRITER } from "../pull-request.ts";
import type { Finished } from "../teller.ts";
import type { Scene } from "./scene.ts";

const CONFIG = ".github/crabbox.yml";
const BRANCH = "by-itself";
const LABEL = "full tests";

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
    '  test: { command: test, paths: ["**", "!*.md"], draft: skip }',
    `  full: { command: test, on: label, label: ${LABEL}, merge: true }`,
    "",
  ].join("\n");
  await push(BASE_BRANCH, { [CONFIG]: file }, "Test every push\n");
  teller.tell("act", `${WRITER} puts this on the default branch as ${CONFIG}:\n${file}`, { path: CONFIG });

  let last = await acting.lastCheck();
  const nextRun = async (): Promise<Finished> => {
    const [check] = await acting.newChecks(last, 1);
    last = check?.id ?? 0;
    return acting.finished(last);
  };
  const { sha } = await push(BRANCH, { "TIDES.txt": "Two a day.\n" }, "Count the tides\n");
  const title = "Count the tides";
  const opened = { repo, login: WRITER, title, head: BRANCH, base: BASE_BRANCH, draft: true };
  const { number } = await control.openPull(opened);
  const pull = { repo, number, login: WRITER };
  teller.tell("act", `${WRITER} opens pull request ${number} as a draft, and says nothing.`, { sha });
  const draft = await nextRun();
  expect(
    "a draft is reported as skipped, as the file says",
    draft.check.conclusion === "skipped" && /draft/u.test(draft.check.output.title ?? ""),
    draft.check.output.title,
  );

  await control.setDraft({ ...pull, draft: false });
  teller.tell("act", `${WRITER} marks it ready for review.`);
  const run = await nextRun();
  expect("its check is called as the file says", run.check.name === "crabbox / test", run.check.name);
  expect("the head was tested", run.outcome === "succeeded" && run.check.headSha === sha, run.outcome);

  const words = { "TIDES.txt": null, "TIDES.md": "Two a day.\n" };
  const { sha: second } = await push(BRANCH, words, "Words only\n");
  teller.tell("act", `${WRITER} pushes a change of words only.`, { sha: second });
  const skipped = await nextRun();
  expect(
    "a change that the check does not test is reported as skipped, with the reason",
    skipped.check.conclusion === "skipped" && skipped.check.headSha === second,
    skipped.check.output.title,
  );

  await control.addLabel({ ...pull, label: LABEL });
  teller.tell("act", `${WRITER} puts the label "${LABEL}".`);
  const merged = await nextRun();
  expect(
    "a writer's label starts the other check",
    merged.check.name === "crabbox / full" && merged.outcome === "succeeded",
    merged.check.name,
  );
  expect(
    "it tests the merge with the base branch, and stands at the head",
    merged.check.headSha === second && `${merged.check.output.summary}`.includes("merged into"),
    merged.check.output.summary,
  );
  const said = await control.listComments({ repo, number });
  expect("no comment was needed, and none was written", said.length === 0, said.length);
  // The next story finds the repository as this one did.
  await push(BASE_BRANCH, { [CONFIG]: null }, "Test no push\n");
  await control.closePull(pull);
  await control.deleteBranch({ repo, branch: BRANCH, login: WRITER });
}
