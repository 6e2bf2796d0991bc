import { REPO, WRITER } from "../servers/stage.ts";
import { until } from "../servers/until.ts";
import { audit } from "./books.ts";
import { checksOf, concluded, reacted, sticky, underWay, warmUp, type Chapter } from "./chapters.ts";
import type { Scene } from "./scene.ts";

/** Runs of this command have a token of their own each, so that a retry is counted apart from what it repeats. */
const AGAIN = "again-$CRABBOX_RUN";
const again = (run: string) => `again-${run}`;

/** Presses on buttons, and a box without a run. */
export const BUTTON_CHAPTERS: readonly Chapter[] = [
  {
    name: "cancel-by-button",
    before: warmUp,
    async play(scene, token) {
      await scene.comment(`/crabbox run -- ${scene.gate.command(token)}`);
      await underWay(scene, token);
      const [check] = await checksOf(scene, token);
      await press(scene, check?.id, "cancel");
      await concluded(scene, token, "cancelled");
    },
  },
  {
    name: "retry-and-keep-by-button",
    async before(scene) {
      await warmUp(scene);
      if (newest(scene) !== null) return;
      await scene.comment(`/crabbox run -- ${scene.gate.command(AGAIN)}`);
      const run = await until(() => newest(scene), "the run that is repeated");
      await toItsEnd(scene, run);
    },
    async play(scene) {
      const first = newest(scene);
      const [check] = await checksOfRun(scene, first);
      // Two tabs: one run.
      await Promise.all([press(scene, check?.id, "retry"), press(scene, check?.id, "retry")]);
      const [run] = await until(() => {
        const made = retriesOf(scene, first);
        return made.length > 0 ? made : null;
      }, "the run that the press made");
      await toItsEnd(scene, run ?? null);
      await press(scene, check?.id, "keep");
      await until(
        async () => (await sticky(scene)).includes("is repeated by run"),
        "the second tab's answer",
      );
      await until(async () => (await sticky(scene)).includes("30 min idle, or "), "the box to be kept");
    },
    judge(scene) {
      for (const row of audit(scene.stateDir, "select retry_of, count(*) as n from run group by retry_of")) {
        if (row["retry_of"] !== null && row["n"] !== 1)
          throw new Error(`${String(row["retry_of"])} was repeated ${String(row["n"])} times`);
      }
      for (const run of [newest(scene)]) {
        const begun = scene.gate.begun(again(run ?? ""));
        if (begun !== 1) throw new Error(`${run} was executed ${begun} times`);
      }
    },
  },
  {
    name: "warmup",
    // No box is warm and no token is remembered: every telling makes the same calls.
    async before(scene) {
      await scene.closePull();
      await scene.openPull();
      await scene.restart();
    },
    async play(scene) {
      const comment = await scene.comment("/crabbox warmup");
      await reacted(scene, comment, "rocket");
      await until(async () => (await sticky(scene)).includes("local, standard, idle"), "the warm box");
    },
    judge(scene) {
      const live = audit(scene.stateDir, "select id, state from lease where state <> 'ended'");
      if (live.length !== 1) throw new Error(`not one box: ${JSON.stringify(live)}`);
    },
  },
];

async function press(scene: Scene, checkRunId: number | undefined, identifier: string): Promise<void> {
  const { control } = scene.stage.github;
  await control.pressButton({ checkRunId: checkRunId ?? 0, login: WRITER, identifier });
}

/** The newest run of the command that is repeated. */
function newest(scene: Scene): string | null {
  const rows = audit(
    scene.stateDir,
    "select id from run where command like '%again-$CRABBOX_RUN%' order by seq desc limit 1",
  );
  return rows[0] === undefined ? null : String(rows[0]["id"]);
}

function retriesOf(scene: Scene, run: string | null): readonly string[] {
  return audit(scene.stateDir, `select id from run where retry_of = '${run ?? ""}'`).map(({ id }) =>
    String(id),
  );
}

async function checksOfRun(scene: Scene, run: string | null) {
  const checks = await scene.stage.github.control.listCheckRuns({ repo: REPO });
  return checks.filter(({ externalId }) => externalId === run);
}

async function toItsEnd(scene: Scene, run: string | null): Promise<void> {
  const token = again(run ?? "");
  await scene.gate.reached(token);
  scene.journals.keep();
  // Only then is its end a second write, in each telling.
  await until(
    async () => (await checksOfRun(scene, run)).some(({ status }) => status === "in_progress"),
    `the check of ${run} to tell that it runs`,
  );
  scene.gate.open(token, 0);
  await until(
    async () => (await checksOfRun(scene, run)).some(({ conclusion }) => conclusion === "success"),
    `the check of ${run} to be completed`,
  );
}
