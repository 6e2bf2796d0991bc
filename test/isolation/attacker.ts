import type { CheckRunView } from "../../demo/github/control/contract.ts";
import { REPO, WRITER, type Stage } from "../servers/stage.ts";
import { until } from "../servers/until.ts";

const STRANGER = "mallory";
/** A run that takes all a box has, on a busy machine. */
const RUN_WITHIN_MS = 5 * 60_000;

/** Whose code attacks: it pushes, and gets its runs. */
export type Attacker = {
  push(files: Readonly<Record<string, string>>): Promise<void>;
  /** Runs a command on what was pushed last; waits for its check. */
  run(command: string): Promise<CheckRunView>;
};

/** A writer on a branch of the repository itself. */
export function writer(stage: Stage): Attacker {
  return {
    async push(files) {
      await stage.github.control.pushCommit({ repo: REPO, branch: "change", login: WRITER, files });
    },
    run: (command) => stage.run(command),
  };
}

/** A stranger with a fork, of whose commits a writer approves each, unsuspecting. */
export async function stranger(stage: Stage): Promise<Attacker> {
  const { control } = stage.github;
  await control.createAccount({ login: STRANGER });
  await control.forkRepository({ repo: REPO, owner: STRANGER });
  const fork = { repo: `${STRANGER}/shop` as const, login: STRANGER, branch: "theirs" };
  let head = (await control.pushCommit({ ...fork, parent: "main", files: { "theirs.txt": "theirs\n" } })).sha;
  const { number } = await control.openPull({
    repo: REPO,
    login: STRANGER,
    title: "A kind contribution",
    head: fork.branch,
    base: "main",
    headRepo: fork.repo,
  });
  const say = (body: string) => control.comment({ repo: REPO, number, login: WRITER, body });
  return {
    async push(files) {
      head = (await control.pushCommit({ ...fork, files })).sha;
    },
    async run(command) {
      const known = new Map((await stage.checks()).map(({ id, conclusion }) => [id, conclusion]));
      await say(command);
      const held = await until(
        async () =>
          (await stage.checks()).find(({ id, conclusion }) => !known.has(id) && conclusion !== null),
        `a held check of: ${command}`,
      );
      if (held.conclusion === "action_required") await say(`/crabbox approve ${head}`);
      return until(
        async () =>
          (await stage.checks()).find(
            ({ id, conclusion }) => id === held.id && conclusion !== null && conclusion !== "action_required",
          ),
        `the approved run of: ${command}`,
        RUN_WITHIN_MS,
      );
    },
  };
}
