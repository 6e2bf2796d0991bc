import { setTimeout as sleep } from "node:timers/promises";
import { eventually } from "../../demo/eventually.ts";
import type { CheckRunView } from "../../demo/github/control/contract.ts";
import { BASE_BRANCH, STRANGER, WRITER } from "../../demo/pull-request.ts";
import type { PullRequest } from "../../demo/pull-request.ts";
import type { Stage } from "../../demo/stage.ts";
import { SAMPLE_COMMANDS } from "../../demo/story/commands.ts";

/** A story that stops where there is something to see. */
export type Tale = {
  /** A run that passes, one that fails, and one that starts by itself. */
  begin(): Promise<Beginning>;
  /** A stranger's pull request, whose run is held. */
  hold(): Promise<Held>;
  /** The writer lets it start; answers when it has passed. */
  approve(held: Held): Promise<void>;
  /** A command that runs on; answers when it has said something. */
  watch(): Promise<CheckRunView>;
  end(running: CheckRunView): Promise<void>;
};

export type Beginning = {
  readonly passed: CheckRunView;
  readonly failed: CheckRunView;
  readonly byItself: CheckRunView;
};

export type Held = { readonly check: CheckRunView; readonly fork: PullRequest };

/** Runs take seconds; the first one with docker waits for its image. */
const WITHIN_MS = 15 * 60_000;
/** Lines enough to look at. */
const WATCHED_MS = 14_000;
const AUTO = ["commands:", "  test: { run: npm test }", "auto:", "  test: { command: test }", ""].join("\n");

/** The story in the demo's sample repository, each run a real one. */
export function createTale({ github: { control }, pull }: Stage, signal: AbortSignal): Tale {
  const { repo } = pull;
  const { test, fail, watch } = SAMPLE_COMMANDS;
  const all = () => control.listCheckRuns({ repo });
  const lastId = async () => Math.max(0, ...(await all()).map(({ id }) => id));

  const arrives = (after: number, isIt: (check: CheckRunView) => boolean) =>
    eventually(
      "a check run",
      WITHIN_MS,
      signal,
      async () => (await all()).find((check) => check.id > after && isIt(check)) ?? null,
    );
  const says = async (on: PullRequest, body: string, isIt: (check: CheckRunView) => boolean) => {
    const after = await lastId();
    await control.comment({ ...on, login: WRITER, body });
    return arrives(after, isIt);
  };
  const push = (
    into: string,
    branch: string,
    login: string,
    message: string,
    files: Record<string, string>,
  ) => control.pushCommit({ repo: into, branch, login, message, files });

  return {
    async begin() {
      const passed = await says(pull, `/crabbox run -- ${test}`, isDone);
      const failed = await says(pull, `/crabbox run -- ${fail}`, isDone);

      await push(repo, BASE_BRANCH, WRITER, "Test every push\n", { ".github/crabbox.yml": AUTO });
      const before = await lastId();
      await push(repo, "count-the-tides", WRITER, "Count the tides\n", { "TIDES.txt": "Two a day.\n" });
      await control.openPull({
        repo,
        login: WRITER,
        head: "count-the-tides",
        base: BASE_BRANCH,
        title: "Count the tides",
      });
      return { passed, failed, byItself: await arrives(before, isDone) };
    },
    async hold() {
      const beforeFork = await lastId();
      const headRepo = `${STRANGER}/${repo.split("/")[1] ?? ""}`;
      await push(headRepo, "neap-tides", STRANGER, "Explain neap tides\n", {
        "NEAP.md": "Neap tides come a week after spring tides.\n",
      });
      const { number } = await control.openPull({
        repo,
        headRepo,
        login: STRANGER,
        head: "neap-tides",
        base: BASE_BRANCH,
        title: "Explain neap tides",
        body: "Sailors ask for them, too.",
      });
      const fork = { repo, number };
      // Its own check is held as well; the pictures show the one that somebody asked for.
      await arrives(beforeFork, isHeld);
      return { check: await says(fork, `/crabbox run -- ${test}`, isHeld), fork };
    },
    async approve({ check: held }) {
      await control.pressButton({ checkRunId: held.id, login: WRITER, identifier: "approve" });
      await arrives(held.id - 1, ({ conclusion, headSha, name }) => {
        return conclusion === "success" && headSha === held.headSha && name === held.name;
      });
    },
    async watch() {
      const running = await says(pull, `/crabbox run -- ${watch}`, ({ status }) => status === "in_progress");
      await sleep(WATCHED_MS, undefined, { signal });
      return running;
    },
    async end(running) {
      await control.pressButton({ checkRunId: running.id, login: WRITER, identifier: "cancel" });
      await arrives(running.id - 1, ({ id, status }) => id === running.id && status === "completed");
    },
  };
}

const isDone = ({ status }: CheckRunView): boolean => status === "completed";
const isHeld = ({ conclusion }: CheckRunView): boolean => conclusion === "action_required";
