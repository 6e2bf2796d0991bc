import { describe, expect, test } from "vitest";
import { until } from "../servers/until.ts";
import { imbalances } from "./books.ts";
import { completed, type Chapter } from "./chapters.ts";
import { forgetActions, publishAction, publishWorkflow, repeats, SEES_ALL } from "./hydrate-story.ts";
import { openScene } from "./scene.ts";
import { sweep } from "./sweep.ts";

/** A lane tells its chapter five times, each with two restarts. */
const LANE_MS = 20 * 60_000;

let versions = 0;

/**
 * What the App reads to plan a hydration, before GitHub answers, and what it fetches and gives back, after: each only the one way that leaves
 * something half done. The last DELETE comes when the box is done with git, while the steps run. Other calls are other chapters'.
 */
const CALLS = {
  before:
    /contents\/\.github%2Factions|setup\.git\/info\/refs \(1\)|git\/trees\S+ \(2\)|shop\.git\/git-upload-pack \(1\)/u,
  after: /setup\.git\/git-upload-pack \(2\)|shop\.git\/git-upload-pack \(1\)|DELETE \/installation\/token/u,
} as const;

/** Every telling plans and hydrates anew: another base commit, nothing remembered, no action's code on the server. */
const CHAPTER: Omit<Chapter, "only"> = {
  name: "hydration",
  async before(scene) {
    await publishWorkflow(scene, String((versions += 1)));
    forgetActions(scene);
    await scene.restart();
  },
  async play(scene, token) {
    await scene.comment(`/crabbox run -- ${scene.gate.command(token, SEES_ALL)}`);
    await scene.gate.reached(token);
    scene.journals.keep();
    scene.gate.open(token, 0);
    await completed(scene, token, "success");
  },
  judge(scene) {
    expect(repeats(scene)).toEqual([]);
  },
};

describe.concurrent("the App dies by SIGKILL at every call that planning a hydration adds", () => {
  for (const when of ["before", "after"] as const) {
    test(`${when} GitHub has done it`, { timeout: LANE_MS }, async () => {
      const began = Date.now();
      const scene = await openScene();
      try {
        await publishAction(scene);
        const { killedAt, notMet } = await sweep(scene, { ...CHAPTER, only: CALLS[when] }, when);
        expect(killedAt.length).toBeGreaterThan(2);
        expect(notMet, "calls that came once and never again").toEqual([]);
        await scene.closePull();
        await scene.quiet();
        expect(imbalances(scene.stateDir)).toEqual([]);
        await scene.keeper.stop();
        await scene.stage.app.end("SIGTERM");
        await until(() => scene.leftProcesses().length === 0, "nothing to be left running");
        const seconds = Math.round((Date.now() - began) / 1_000);
        process.stdout.write(
          `kills of hydration, ${when}: N = ${killedAt.length}, ${seconds} s\n  ${killedAt.join("\n  ")}\n`,
        );
      } finally {
        await scene.close();
      }
    });
  }
});
