import type { Acting } from "../acting.ts";
import { leasesLive, runsUnfinished } from "../app-metrics.ts";
import { eventually } from "../eventually.ts";
import { SAMPLE, WRITER } from "../pull-request.ts";
import type { Stage } from "../stage.ts";
import type { Teller } from "../teller.ts";
import { asking, closing, failing, firstRun, warmRun } from "./scenes-of-runs.ts";
import { pressing } from "./scenes-of-buttons.ts";
import { proofs, pushing, stopping } from "./scenes-of-change.ts";
import type { Commands } from "./commands.ts";
import { hostileFork } from "./scenes-of-forks.ts";
import { byItself } from "./scenes-of-file.ts";
import type { Scene } from "./scene.ts";

/** A box's end takes as long as its processes take to go. */
const CALM_WITHIN_MS = 120_000;

/**
 * Tells the story scene by scene on the sample's pull request and checks each at the offline GitHub. True when all went as told; a
 * scene that waits in vain throws.
 */
export async function tellStory(
  stage: Stage,
  acting: Acting,
  teller: Teller,
  commands: Commands,
): Promise<boolean> {
  let good = true;
  const suppose: Scene["suppose"] = (what, holds, found) => {
    good &&= holds;
    const detail = found === undefined ? "" : ` (found: ${JSON.stringify(found)})`;
    if (!holds) teller.tell("problem", `Not as told: ${what}${detail}`);
  };
  const expect: Scene["expect"] = (what, holds, found) => {
    suppose(what, holds, found);
    if (holds) teller.tell("proof", what);
  };
  const isSample = stage.memory.pull?.from.startsWith(SAMPLE) === true;
  const scene: Scene = { stage, acting, teller, commands, expect, suppose };
  await asking(scene);
  const first = await firstRun(scene);
  await failing(scene);
  await warmRun(scene, first);
  await pressing(scene, first);
  const running = await pushing(scene);
  await stopping(scene, running);
  await closing(scene);
  await byItself(scene);
  if (stage.docker !== null && isSample) await hostileFork(scene, stage.docker);
  await proofs(scene);
  return good;
}

/** Ends what an earlier, interrupted story left on the pull request, so that a new one finds it open and quiet. */
export async function calmDown(
  { github: { control }, pull, app }: Stage,
  acting: Acting,
  teller: Teller,
): Promise<void> {
  const { state } = await control.getPull(pull);
  if (state === "closed") await control.reopenPull({ ...pull, login: WRITER });
  const unfinished = await eventually("the App's count of runs", CALM_WITHIN_MS, acting.signal, () =>
    runsUnfinished(app.url),
  );
  const live = await eventually("the App's count of boxes", CALM_WITHIN_MS, acting.signal, () =>
    leasesLive(app.url),
  );
  if (unfinished === 0 && live === 0) return;
  teller.tell("note", "An earlier story left runs and boxes behind; they end first.");
  await acting.comment("/crabbox cancel");
  await acting.comment("/crabbox stop");
  await eventually("their end", CALM_WITHIN_MS, acting.signal, async () =>
    (await runsUnfinished(app.url)) === 0 && (await leasesLive(app.url)) === 0 ? true : null,
  );
}
