import { readdirSync, readFileSync, readlinkSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { openStage, REPO, WRITER, type Stage, type StageOptions } from "../servers/stage.ts";
import { until } from "../servers/until.ts";
import { audit } from "./books.ts";
import { openGate, type Gate } from "./gate.ts";
import { localRoots, watchJournals, type Journals } from "./journals.ts";
import { keepAlive, type Keeper } from "./keeper.ts";

export type SceneOptions = Pick<StageOptions, "settings" | "files"> & {
  /** Directories that hold `tasks`, where boxes are no local ones. */
  readonly taskRoots?: readonly string[];
  /** Where the App's state shall really lie, for example on a small disk. */
  readonly stateDisk?: string;
};

/** Priced, so that a ledger that does not balance shows. */
export const LOCAL = {
  kind: "local",
  name: "local",
  inContainer: "allow",
  idleMinutes: 0.2,
  price: { usdPerHour: 360, asOf: "2026-11-01" },
};
/** So long without a call means that the App has nothing more to tell: longer than any of its pauses before a call, but the sticky's. */
const QUIET_MS = 700;

export type Scene = {
  readonly stage: Stage;
  readonly gate: Gate;
  readonly journals: Journals;
  readonly keeper: Keeper;
  readonly stateDir: string;
  /** Waits until the App is up, has nothing under way in its store, and has not called GitHub for a while. */
  quiet(): Promise<void>;
  /** The App's sticky comments. */
  stickies(): Promise<readonly string[]>;
  /** Comments as the writer on the scene's pull request; answers the comment's id. */
  comment(body: string): Promise<number>;
  /** Closes the pull request and waits until nothing is leased. */
  closePull(): Promise<void>;
  /** Another pull request, on which nothing was ever said, is the scene's from now on. */
  openPull(): Promise<void>;
  /** Kills the App while it has nothing to do: what it kept in memory only is gone. */
  restart(): Promise<void>;
  /** Processes that live in the stage's directory but are neither the App, the offline GitHub nor the local provider's host. */
  leftProcesses(): readonly string[];
  close(): Promise<void>;
};

/** A stage whose App is started again whenever it dies, with all that is needed to judge what it did. */
export async function openScene(options: SceneOptions = {}): Promise<Scene> {
  const gate = await openGate();
  const stage = await openStage({
    ...options,
    settings: { providers: [LOCAL], ...options.settings },
    start: false,
  });
  if (options.stateDisk !== undefined) symlinkSync(options.stateDisk, stage.app.stateDir);
  if ((await stage.app.start()) === "ended") throw new Error(`the App did not start:\n${stage.app.log()}`);
  const { app, github } = stage;
  const { stateDir } = app;
  let { pull } = stage;
  const keeper = keepAlive(app);
  const journals = watchJournals(
    () => options.taskRoots ?? localRoots(stateDir),
    join(stage.dir, "journals"),
    join(stateDir, "logs"),
  );
  const callCount = async () => {
    const { calls } = await github.control.faultState();
    return calls.api + calls.git;
  };

  return {
    stage,
    gate,
    journals,
    keeper,
    stateDir,
    async quiet() {
      let calls = -1;
      let since = Date.now();
      await until(async () => {
        keeper.check();
        const now = await callCount();
        if (now !== calls || !keeper.up() || busy(stateDir).length > 0) {
          calls = now;
          since = Date.now();
        }
        return Date.now() - since >= QUIET_MS;
      }, "the App to have nothing more to do").catch((error: unknown) => {
        throw new Error(`under way: ${JSON.stringify(busy(stateDir))}\n${app.log().slice(-6_000)}`, {
          cause: error,
        });
      });
    },
    async stickies() {
      const comments = await github.control.listComments({ repo: REPO, number: pull });
      return comments.filter(({ body }) => body.includes("<!-- crabbox:sticky -->")).map(({ body }) => body);
    },
    comment: async (body) =>
      (await github.control.comment({ repo: REPO, number: pull, login: WRITER, body })).id,
    async closePull() {
      await github.control.closePull({ repo: REPO, number: pull, login: WRITER });
      await until(
        () => audit(stateDir, "select id from lease where state <> 'ended'").length === 0,
        "every lease to end after the pull request was closed",
      );
    },
    async openPull() {
      const { control } = github;
      const head = `change-after-${pull}`;
      const by = { repo: REPO, login: WRITER };
      await control.pushCommit({ ...by, branch: head, parent: "main", files: { "b.txt": `${head}\n` } });
      pull = (await control.openPull({ ...by, title: "Another change", head, base: "main" })).number;
    },
    async restart() {
      const deaths = keeper.deaths();
      process.kill(app.pid(), "SIGKILL");
      await until(() => keeper.deaths() > deaths && keeper.up(), "the App to be up again");
    },
    leftProcesses: () => processesIn(stage.dir),
    async close() {
      await keeper.stop();
      await gate.close();
      await stage.close();
    },
  };
}

function busy(stateDir: string): readonly unknown[] {
  return [
    ...audit(stateDir, "select guid, state from delivery where state = 'stored'"),
    ...audit(stateDir, "select id, state from run where state <> 'done'"),
    ...audit(stateDir, "select id, state from lease where state in ('requested', 'ending')"),
  ];
}

function processesIn(dir: string): readonly string[] {
  const own = ["app/main.ts", "demo/github/main.ts", "providers/local/host.ts"];
  return readdirSync("/proc")
    .filter((name) => /^\d+$/u.test(name) && Number(name) !== process.pid)
    .flatMap((pid) => {
      try {
        const argv = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
        const isThere = [argv, readlinkSync(`/proc/${pid}/cwd`)].some((text) => text.includes(dir));
        return isThere && !own.some((program) => argv.includes(program)) ? [`${pid}: ${argv}`] : [];
      } catch {
        // Ended meanwhile, or another user's.
        return [];
      }
    });
}
