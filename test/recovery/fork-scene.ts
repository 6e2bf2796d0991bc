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
const BRANCH = "theirs";

export type ForkScene = Scene & {
  /** The head of the fork's pull request now. */
  head(): Promise<string>;
  /** A new commit that nobody has approved. */
  push(): Promise<void>;
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
  const theirs = { repo: FORK, login: STRANGER, branch: BRANCH };
  let pushes = 0;
  await control.pushCommit({ ...theirs, parent: "main", files: { "theirs.txt": "0\n" } });
  const from = { repo: REPO, login: STRANGER, title: "From a fork", head: BRANCH, base: "main" };
  const { number } = await control.openPull({ ...from, headRepo: FORK });
  return {
    ...scene,
    head: async () => (await control.getPull({ repo: REPO, number })).headSha,
    push: async () => {
      await control.pushCommit({ ...theirs, files: { "theirs.txt": `${++pushes}\n` } });
    },
    comment: async (body) => (await control.comment({ repo: REPO, number, login: WRITER, body })).id,
    async stickies() {
      const comments = await control.listComments({ repo: REPO, number });
      return comments.filter(({ body }) => body.includes("<!-- crabbox:sticky -->")).map(({ body }) => body);
    },
    async closePull() {
      await control.closePull({ repo: REPO, number, login: WRITER });
      await until(
        () => audit(scene.stateDir, "select id from lease where state <> 'ended'").length === 0,
        "every lease to end after the pull request was closed",
      );
    },
    async close() {
      await scene.close();
      await sshd.stop();
      user.remove();
    },
  };
}

/** A stranger's new commit: asked for, held, approved, run. */
export function approval(scene: ForkScene): Chapter {
  return {
    name: "approve",
    before: () => scene.push(),
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
