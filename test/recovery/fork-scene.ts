import { rmSync } from "node:fs";
import { join } from "node:path";
import { makePlainUser } from "../servers/plain-user.ts";
import { startSshd } from "../servers/sshd.ts";
import { REPO, WRITER } from "../servers/stage.ts";
import { until } from "../servers/until.ts";
import { audit } from "./books.ts";
import { checksOf, concluded, reacted, underWay, type Chapter } from "./chapters.ts";
import { openScene, type Scene } from "./scene.ts";

const STRANGER = "frida";
const FORK = `${STRANGER}/shop`;

export type ForkScene = Scene & {
  /** The head of the fork's pull request now. */
  head(): Promise<string>;
  /** Another pull request of the fork, on a machine made anew, of which the App remembers nothing. */
  anew(): Promise<void>;
};

/** A scene whose pull request comes from a stranger's fork; its box is a host that an operator stated to be a machine of its own. */
export async function openForkScene(): Promise<ForkScene> {
  const user = makePlainUser();
  const sshd = await startSshd();
  const host = { name: "cell", host: "127.0.0.1", port: sshd.port, user: user.name };
  const keys = { hostKey: sshd.hostKey, keyFile: sshd.keyFile };
  const price = { usdPerHour: 360, asOf: "2026-11-01" };
  const scene = await openScene({
    settings: {
      providers: [
        { kind: "static-ssh", name: "cells", isolation: "vm", hosts: [{ ...host, ...keys, price }] },
      ],
      defaults: { provider: "cells" },
    },
    taskRoots: [join(user.home, ".crabbox", "slots", "1", "root")],
  });
  const { control } = scene.stage.github;
  await control.createAccount({ login: STRANGER });
  await control.forkRepository({ repo: REPO, owner: STRANGER });
  let number = 0;
  let pulls = 0;
  const open = async () => {
    const branch = `theirs-${++pulls}`;
    const files = { "theirs.txt": `${pulls}\n` };
    await control.pushCommit({ repo: FORK, login: STRANGER, branch, parent: "main", files });
    const from = { repo: REPO, login: STRANGER, title: "From a fork", head: branch, base: "main" };
    ({ number } = await control.openPull({ ...from, headRepo: FORK }));
  };
  const closePull = async () => {
    await control.closePull({ repo: REPO, number, login: WRITER });
    await until(
      () => audit(scene.stateDir, "select id from lease where state <> 'ended'").length === 0,
      "every lease to end after the pull request was closed",
    );
  };
  await open();
  return {
    ...scene,
    head: async () => (await control.getPull({ repo: REPO, number })).headSha,
    async anew() {
      await closePull();
      await scene.quiet();
      // What an operator does who replaces the machine: it serves whoever comes first again.
      rmSync(join(user.home, ".crabbox", "slots", "pin"), { force: true });
      await open();
      await scene.restart();
    },
    comment: async (body) => (await control.comment({ repo: REPO, number, login: WRITER, body })).id,
    async stickies() {
      const comments = await control.listComments({ repo: REPO, number });
      return comments.filter(({ body }) => body.includes("<!-- crabbox:sticky -->")).map(({ body }) => body);
    },
    closePull,
    async close() {
      try {
        await scene.close();
      } finally {
        await sshd.stop();
        user.remove();
      }
    },
  };
}

/** A stranger's commit: asked for, held, approved, run. */
export function approval(scene: ForkScene): Chapter {
  return {
    name: "approve",
    before: () => scene.anew(),
    async play(_scene, token) {
      const asked = await scene.comment(`/crabbox run -- ${scene.gate.command(token)}`);
      await until(
        async () => (await checksOf(scene, token)).some(({ conclusion }) => conclusion === "action_required"),
        `the check of ${token} to ask for an approval`,
      );
      await reacted(scene, asked, "rocket");
      if (scene.gate.begun(token) > 0) throw new Error(`${token} ran before anybody approved it`);
      const approved = await scene.comment(`/crabbox approve ${await scene.head()}`);
      await underWay(scene, token);
      scene.gate.open(token, 0);
      await concluded(scene, token, "success");
      await reacted(scene, approved, "rocket");
    },
  };
}
