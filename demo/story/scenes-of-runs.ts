import { duration } from "../tell-people.ts";
import type { Finished } from "../teller.ts";
import { WRITER } from "../pull-request.ts";
import { createReader } from "../log-in.ts";
import { leasesLive } from "../app-metrics.ts";
import { eventually } from "../eventually.ts";
import { askAndShow, runToItsEnd } from "./scene.ts";
import type { Scene } from "./scene.ts";

/** A box's end takes as long as its processes take to go. */
const RELEASED_WITHIN_MS = 120_000;

/** Help, and what a run would do. */
export async function asking(scene: Scene): Promise<void> {
  scene.teller.tell("chapter", "Asking: one comment on the pull request is all it takes");
  await askAndShow(scene, "/crabbox help", "the list of commands", /\/crabbox run/u);
  await askAndShow(
    scene,
    `/crabbox run --noop -- ${scene.commands.test}`,
    "what a run would do",
    /Cost at most/u,
  );
}

/** A run that succeeds. */
export async function firstRun(scene: Scene): Promise<Finished> {
  const { teller, expect, stage, commands } = scene;
  teller.tell(
    "chapter",
    "A run: a box is made, prepared by the repository's own `hydrate` job, and tests the commit",
  );
  const run = await runToItsEnd(scene, `/crabbox run -- ${scene.commands.test}`);
  const { headSha } = await stage.github.control.getPull(stage.pull);
  const { summary, text } = run.check.output;
  expect("the check run says success", run.check.conclusion === "success", run.check.conclusion);
  expect(
    `it names the commit ${headSha.slice(0, 12)}`,
    run.check.headSha === headSha && summary?.includes(headSha) === true,
  );
  expect("its id is the run's", run.check.externalId === run.runId, run.check.externalId);
  expect("it has phases and cost", /execute/u.test(summary ?? "") && /cost/iu.test(summary ?? ""), summary);
  expect("it carries the end of the log", `${summary}\n${text}`.includes(commands.sign(headSha)), text);
  if (commands.isPrepared) expect("the box was prepared", run.facts.phases.hydrate > 0, run.facts.phases);
  const reader = createReader(stage.github.control, WRITER);
  const page = await reader.get(run.check.detailsUrl ?? "");
  expect("its link opens the live log", page.ok && (await page.text()).includes(run.runId), page.status);
  return run;
}

/** A run that fails says why. */
export async function failing(scene: Scene): Promise<void> {
  const { teller, expect } = scene;
  teller.tell("chapter", "A command that fails: the check run says how");
  const run = await runToItsEnd(scene, `/crabbox run -- ${scene.commands.fail}`);
  expect("the check run says failure", run.check.conclusion === "failure", run.check.conclusion);
  expect("it names the exit code 3", /\b3\b/u.test(run.check.output.title ?? ""), run.check.output.title);
}

/** The second success needs no new box and no set-up. */
export async function warmRun(scene: Scene, first: Finished): Promise<void> {
  const { teller, expect, commands } = scene;
  teller.tell("chapter", "Again, on the warm box");
  const run = await runToItsEnd(scene, `/crabbox run -- ${scene.commands.test}`);
  const slug = first.facts.box?.slug;
  expect("the check run says success", run.check.conclusion === "success", run.check.conclusion);
  expect(
    `the box ${slug} was used again`,
    run.facts.box?.slug === slug && run.facts.box?.warm === true,
    run.facts.box,
  );
  const isSkipped =
    run.facts.phases.hydrate === 0 || /^\| Set-up \| skipped/mu.test(run.check.output.summary ?? "");
  if (commands.isPrepared) expect("its set-up was not done twice", isSkipped, run.check.output.summary);
  const [cold, warm] = [first, run].map(
    ({ facts }) => facts.phases.lease + facts.phases.sync + facts.phases.hydrate,
  );
  teller.tell(
    "note",
    `Before the command: ${duration(cold ?? 0)} with a new box, ${duration(warm ?? 0)} with a warm one.`,
  );
  await askAndShow(scene, "/crabbox status", "the list of runs", new RegExp(run.runId, "u"));
}

/** Closing the pull request ends what it has. */
export async function closing(scene: Scene): Promise<void> {
  const { teller, expect, stage, acting } = scene;
  teller.tell("chapter", "The pull request is closed: its boxes go");
  const run = await runToItsEnd(scene, `/crabbox run -- ${scene.commands.test}`);
  expect(
    "the new commit was tested, on a new box",
    run.outcome === "succeeded" && run.facts.box?.warm === false,
    run.facts,
  );
  const after = await acting.lastCheck();
  await acting.comment(`/crabbox run -- ${scene.commands.watch}`);
  const [check] = await acting.newChecks(after, 1);
  const id = check?.id ?? 0;
  await acting.check(id, "the command's begin", ({ status }) => status === "in_progress");
  await stage.github.control.closePull({ ...stage.pull, login: WRITER });
  teller.tell("act", `${WRITER} closes the pull request.`, { url: stage.pullUrl });
  const ended = await acting.finished(id);
  expect("the run that was under way was cancelled", ended.outcome === "cancelled", ended.outcome);
  await eventually("the boxes' end", RELEASED_WITHIN_MS, acting.signal, async () =>
    (await leasesLive(stage.app.url)) === 0 ? true : null,
  );
  expect("no box is left", true);
}
