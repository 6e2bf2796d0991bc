import { describe, expect, test } from "vitest";
import { canMakeUsers } from "../servers/plain-user.ts";
import { until } from "../servers/until.ts";
import { audit, imbalances } from "./books.ts";
import { approval, openForkScene } from "./fork-scene.ts";
import { sweep } from "./sweep.ts";

/** A lane tells its chapter about thirty times, each with a restart. */
const LANE_MS = 30 * 60_000;

describe
  .skipIf(!canMakeUsers())
  .concurrent(
    "the App dies by SIGKILL at every call of a fork's run, from the command over the approval to its end (needs root)",
    () => {
      for (const when of ["before", "after"] as const) {
        test(`${when} GitHub has done it`, { timeout: LANE_MS }, async () => {
          const began = Date.now();
          const scene = await openForkScene();
          try {
            const { killedAt, notMet } = await sweep(scene, approval(scene), when);
            expect(killedAt.length).toBeGreaterThan(5);
            expect(notMet, "calls that came once and never again").toEqual([]);
            await scene.closePull();
            await scene.quiet();
            expect(imbalances(scene.stateDir)).toEqual([]);
            // One approval each, however often its comment was told, and no run that had none.
            const runs = audit(scene.stateDir, "select head_sha from run order by seq");
            const approvals = audit(scene.stateDir, "select sha from approval order by id");
            expect(approvals.map(({ sha }) => sha)).toEqual(runs.map(({ head_sha: sha }) => sha));
            expect(scene.journals.kept()).toBe(scene.gate.tokens().length);
            await scene.keeper.stop();
            await scene.stage.app.end("SIGTERM");
            await until(() => scene.leftProcesses().length === 0, "nothing to be left running");
            const seconds = Math.round((Date.now() - began) / 1_000);
            process.stdout.write(
              `kills of approve, ${when}: N = ${killedAt.length}, ${seconds} s\n  ${killedAt.join("\n  ")}\n`,
            );
          } finally {
            await scene.close();
          }
        });
      }
    },
  );
