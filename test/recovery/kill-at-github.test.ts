import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { until } from "../servers/until.ts";
import { imbalances } from "./books.ts";
import { BUTTON_CHAPTERS } from "./chapters-of-buttons.ts";
import { CHAPTERS } from "./chapters.ts";
import { openScene } from "./scene.ts";
import { sweep } from "./sweep.ts";

/** A lane tells its chapter about twenty times, each with a restart; others run beside it. */
const LANE_MS = 20 * 60_000;

describe.concurrent("the App dies by SIGKILL at every call to GitHub, API and git", () => {
  for (const chapter of [...CHAPTERS, ...BUTTON_CHAPTERS]) {
    for (const when of ["before", "after"] as const) {
      test(`${chapter.name}: ${when} GitHub has done it`, { timeout: LANE_MS }, async () => {
        const began = Date.now();
        const scene = await openScene();
        try {
          const { killedAt, notMet } = await sweep(scene, chapter, when);
          expect(killedAt.length).toBeGreaterThan(3);
          expect(notMet, "calls that came once and never again").toEqual([]);
          await scene.closePull();
          await scene.quiet();
          const boxes = join(scene.stateDir, "local", "boxes");
          const left = () => readdirSync(boxes).filter((name) => !name.startsWith("."));
          await until(() => left().length === 0, `the boxes to be gone: ${left().join(", ")}`);
          expect(imbalances(scene.stateDir)).toEqual([]);
          expect(scene.journals.differences()).toEqual([]);
          expect(scene.journals.kept()).toBe(scene.gate.tokens().length);
          await scene.keeper.stop();
          await scene.stage.app.end("SIGTERM");
          await until(() => scene.leftProcesses().length === 0, "nothing to be left running");
          const seconds = Math.round((Date.now() - began) / 1_000);
          process.stdout.write(
            `kills of ${chapter.name}, ${when}: N = ${killedAt.length}, ${seconds} s\n  ${killedAt.join("\n  ")}\n`,
          );
        } finally {
          await scene.close();
        }
      });
    }
  }
});
