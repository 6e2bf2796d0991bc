import type { Finished } from "../teller.ts";
import type { Scene } from "./scene.ts";

/** Retry and Cancel by the buttons of a check. */
export async function pressing(scene: Scene, first: Finished): Promise<void> {
  const { acting, teller, expect, commands } = scene;
  teller.tell("chapter", "Buttons: a check repeats its run, or ends it, without a word");
  const before = await acting.lastCheck();
  await acting.press(first.check, "retry");
  const [repeated] = await acting.newChecks(before, 1);
  const again = await acting.finished(repeated?.id ?? 0);
  expect("the same command ran again", again.check.name === first.check.name, again.check.name);
  expect("on the same commit", again.check.headSha === first.check.headSha, again.check.headSha);
  await acting.comment(`/crabbox run -- ${commands.watch}`);
  const [watch] = await acting.newChecks(repeated?.id ?? 0, 1);
  const running = await acting.check(
    watch?.id ?? 0,
    "the command's begin",
    ({ status }) => status === "in_progress",
  );
  await acting.press(running, "cancel");
  const ended = await acting.finished(running.id);
  expect("the run was cancelled", ended.outcome === "cancelled", ended.outcome);
}
