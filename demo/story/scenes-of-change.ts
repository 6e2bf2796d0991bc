import { WRITER } from "../pull-request.ts";
import type { CheckRunView } from "../github/control/contract.ts";
import type { Scene } from "./scene.ts";

/** A push makes the queued run of the older commit pointless; the running one is left alone. Answers the running one. */
export async function pushing(scene: Scene): Promise<CheckRunView> {
  const { acting, teller, expect, stage } = scene;
  teller.tell("chapter", "A push: what waits for an older commit is superseded, what runs is left alone");
  const before = await acting.lastCheck();
  await acting.comment(`/crabbox run -- ${scene.commands.watch}`);
  const [first] = await acting.newChecks(before, 1);
  const running = await acting.check(
    first?.id ?? 0,
    "the command's begin",
    ({ status }) => status === "in_progress",
  );
  await acting.comment(`/crabbox run -- ${scene.commands.test}`);
  const waiting = (await acting.newChecks(running.id, 1))[0]?.id ?? 0;
  const queued = await acting.check(waiting, "a place in the queue", ({ output }) =>
    /queued/iu.test(output.title ?? ""),
  );
  expect(
    "the second run waits, since this server runs one at a time",
    queued.status === "queued",
    queued.status,
  );
  const { sha } = await stage.github.control.pushCommit({
    repo: stage.pull.repo,
    branch: (await stage.github.control.getPull(stage.pull)).headRef,
    login: WRITER,
    message: "Mention neap tides\n",
    files: { "NEAP.md": "Neap tides are lower.\n" },
  });
  teller.tell("act", `${WRITER} pushes commit ${sha.slice(0, 12)}.`, { sha });
  const superseded = await acting.finished(waiting);
  expect("the waiting run was superseded", superseded.outcome === "superseded", superseded.outcome);
  const still = await acting.check(running.id, "the running run", () => true);
  expect("the running run went on", still.status === "in_progress", still.status);
  return running;
}

/** Stop ends the box, and with it the run. */
export async function stopping(scene: Scene, running: CheckRunView): Promise<void> {
  const { acting, teller, expect, suppose } = scene;
  teller.tell("chapter", "Stop: the box is given back, the run on it is cancelled");
  const comment = await acting.comment("/crabbox stop");
  const reaction = await acting.reaction(comment);
  suppose("the App took the command", reaction === "rocket", reaction);
  const ended = await acting.finished(running.id);
  expect(
    "the run was cancelled",
    ended.outcome === "cancelled" && ended.check.conclusion === "cancelled",
    ended.outcome,
  );
}

/** What GitHub itself has seen of all this. */
export async function proofs(scene: Scene): Promise<void> {
  const { teller, expect, stage } = scene;
  const { control, appSlug } = stage.github;
  teller.tell("chapter", "What GitHub saw");
  const mine = await control.listComments({ ...stage.pull, login: `${appSlug}[bot]` });
  expect("the App wrote one comment, and edited it", mine.length === 1, mine.length);
  const requests = await control.listRequests({ kind: "api" });
  const violations = await control.listViolations();
  const told = violations.slice(0, 3).map(({ kind, subject, detail }) => `${kind} ${subject}: ${detail}`);
  expect(
    `${requests.length} calls of the App kept to GitHub's published contract`,
    violations.length === 0,
    told,
  );
  const deliveries = await control.listDeliveries({});
  const isTaken = ({ statusCode }: { statusCode: number }): boolean => statusCode >= 200 && statusCode < 300;
  // One that came while the App was away counts when it was sent again and taken then.
  const taken = new Set(deliveries.filter(isTaken).map(({ guid }) => guid));
  const lost = deliveries.filter(({ guid, state }) => state === "done" && !taken.has(guid));
  expect(
    `${taken.size} signed webhooks were taken, none was lost`,
    lost.length === 0,
    lost.map(({ status }) => status),
  );
}
