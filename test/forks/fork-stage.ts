import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { CheckRunView } from "../../demo/github/control/contract.ts";
import { audit } from "../recovery/books.ts";
import { makePlainUser } from "../servers/plain-user.ts";
import { startSshd } from "../servers/sshd.ts";
import { openStage, REPO, WRITER, type Stage, type StageOptions } from "../servers/stage.ts";
import { until } from "../servers/until.ts";

export const STRANGER = "frida";
export const FORK = `${STRANGER}/shop`;

/** A run of any command takes many times longer. */
const LOOK_MS = 20;

export type ForkStage = {
  readonly stage: Stage;
  /** A pull request from a new branch of a fork; answers its number and head. */
  pullFromFork(fork?: string, login?: string): Promise<{ number: number; branch: string; sha: string }>;
  say(number: number, body: string, login?: string): Promise<number>;
  /** Waits for the newest check run whose name holds `part` to be concluded so. */
  concluded(part: string, conclusion: string): Promise<CheckRunView>;
  sticky(number: number): Promise<string>;
  reactions(commentId: number): Promise<readonly string[]>;
  /** What the boxes' own records say was ever sent to them: commands, read from the tasks' files while they are there. */
  sent(): readonly string[];
  /** State and outcome of the newest run whose command holds `part`; null while there is none. */
  runOf(part: string): { readonly state: string; readonly outcome: string | null } | null;
  close(): Promise<void>;
};

/**
 * A stage with a stranger's fork, and hosts of a real OpenSSH server that an operator has stated to be machines of their own: one for
 * each user, each for one trust domain. The default provider is `local`, where forks may not run.
 */
export async function openForkStage(
  hosts: number,
  settings: Readonly<Record<string, unknown>> = {},
  more: Pick<StageOptions, "login" | "files" | "settingsFor"> = {},
): Promise<ForkStage> {
  const users = Array.from({ length: hosts }, () => makePlainUser());
  const sshd = await startSshd();
  const cells = {
    kind: "static-ssh",
    name: "cells",
    isolation: "vm",
    hosts: users.map((user, n) => ({
      name: `cell-${n + 1}`,
      host: "127.0.0.1",
      port: sshd.port,
      user: user.name,
      hostKey: sshd.hostKey,
      keyFile: sshd.keyFile,
    })),
  };
  const local = { kind: "local", name: "local", inContainer: "allow" };
  const stage = await openStage({ settings: { providers: [local, cells], ...settings }, ...more });
  const { control } = stage.github;
  await control.createAccount({ login: STRANGER });
  await control.forkRepository({ repo: REPO, owner: STRANGER });
  let pulls = 0;
  const record = watchTasks(users.map(({ home }) => join(home, ".crabbox", "slots", "1", "root", "tasks")));

  return {
    stage,
    async pullFromFork(headRepo = FORK, login = STRANGER) {
      const branch = `theirs-${++pulls}`;
      const files = { "theirs.txt": `${headRepo} ${branch}\n` };
      // A bot's address in a commit is no address to GitHub's own description.
      const pusher = login.endsWith("[bot]") ? WRITER : login;
      const { sha } = await control.pushCommit({
        repo: headRepo,
        branch,
        login: pusher,
        parent: "main",
        files,
      });
      const title = `From ${headRepo}`;
      const from = { repo: REPO, login, title, head: branch, base: "main" };
      const pull = await control.openPull(headRepo === REPO ? from : { ...from, headRepo });
      return { number: pull.number, branch, sha };
    },
    say: async (number, body, login = WRITER) =>
      (await control.comment({ repo: REPO, number, login, body })).id,
    concluded: (part, conclusion) =>
      until(async () => {
        const newest = (await stage.checks()).findLast(({ name }) => name.includes(part));
        return newest?.conclusion === conclusion ? newest : null;
      }, `the check of "${part}" to be concluded as ${conclusion}`),
    async sticky(number) {
      const comments = await control.listComments({ repo: REPO, number });
      return comments.find(({ body }) => body.includes("<!-- crabbox:sticky -->"))?.body ?? "";
    },
    reactions: async (commentId) =>
      (await control.listReactions({ commentId })).map(({ content }) => content).sort(),
    sent: record.seen,
    runOf(part) {
      const rows = audit(stage.app.stateDir, "select command, state, outcome from run order by seq desc");
      const row = rows.find(({ command }) => String(command).includes(part));
      if (row === undefined) return null;
      return {
        state: String(row["state"]),
        outcome: row["outcome"] === null ? null : String(row["outcome"]),
      };
    },
    async close() {
      record.stop();
      try {
        await stage.close();
      } finally {
        await sshd.stop();
        for (const user of users) user.remove();
      }
    },
  };
}

/** Looks all the time, because a place is wiped once its lease has ended: no task comes and goes between two looks. */
function watchTasks(dirs: readonly string[]): { seen(): readonly string[]; stop(): void } {
  const seen = new Map<string, string>();
  const look = () => {
    for (const dir of dirs) for (const [id, command] of tasksIn(dir)) seen.set(id, command);
  };
  const timer = setInterval(look, LOOK_MS);
  return {
    seen() {
      look();
      return [...seen.values()];
    },
    stop: () => clearInterval(timer),
  };
}

/** Commands by the id of their task, as the box keeps them. */
function tasksIn(dir: string): readonly (readonly [string, string])[] {
  try {
    return readdirSync(dir).flatMap((id) => {
      const task = JSON.parse(readFileSync(join(dir, id, "task.json"), "utf8")) as {
        execute?: { text?: string };
      };
      return [[id, task.execute?.text ?? "nothing to execute"] as const];
    });
  } catch {
    // Not there yet, just being written, or just being wiped.
    return [];
  }
}
