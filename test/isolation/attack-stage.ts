import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { networkInterfaces } from "node:os";
import { join } from "node:path";

import { freePort, openStage } from "../servers/stage.ts";

import type { Stage, StageOptions } from "../servers/stage.ts";
import type { Attacker } from "./attacker.ts";

export type AttackStage = {
  readonly stage: Stage;
  /** Plants traps, then attacks in the next run on the same box; answers what each attempt met. */
  attack(attacker: Attacker, provider: string, targets: AttackTargets): Promise<ReadonlyMap<string, string>>;
  close(): Promise<void>;
};

export type AttackTargets = {
  readonly dockerSockets: readonly string[];
  readonly neighbours: readonly string[];
  readonly metadata: readonly string[];
  /** More than the box may have. */
  readonly box: { readonly processes: number; readonly mib: number };
};

const SCRIPTS = ["attack.mjs", "attack-places.mjs", "attack-limits.mjs"];
const LINE = /^(?<name>[a-z0-9-]+)=(?<how>denied|reached)/gmu;

/** The App with a repository whose pull request holds the attack script, and a service of its machine that boxes should not reach. */
export async function attackStage(options: StageOptions): Promise<AttackStage> {
  const stage = await openStage(options);
  const service = createServer((socket) => socket.on("error", () => undefined).end());
  const port = await freePort();
  await new Promise<void>((resolve) => service.listen(port, "0.0.0.0", resolve));
  return {
    stage,
    async attack(attacker, provider, { box, ...host }) {
      const { stateDir, url } = stage.app;
      const appPort = new URL(url).port;
      const addresses = Object.values(networkInterfaces())
        .flatMap((all) => all ?? [])
        .filter(({ family }) => family === "IPv4")
        .map(({ address }) => address);
      const targets = {
        app: {
          stateDir,
          files: [
            join(stage.dir, "app.pem"),
            join(stage.dir, "app.yml"),
            join(stateDir, "crabbox.sqlite"),
            join(stateDir, "log-link.key"),
          ],
          ports: addresses.map((address) => `${address}:${appPort}`),
          sockets: [join(stateDir, "admin.sock")],
        },
        host: { ...host, ports: addresses.map((address) => `${address}:${port}`) },
        box,
      };
      const scripts = SCRIPTS.map((name) => [name, readFileSync(new URL(name, import.meta.url), "utf8")]);
      const files = { ...Object.fromEntries(scripts), "targets.json": JSON.stringify(targets) };
      await attacker.push(files);
      const planted = await attacker.run(`/crabbox run --provider ${provider} -- node attack.mjs plant`);
      if (planted.conclusion !== "success") throw new Error(JSON.stringify(planted.output, null, 1));
      // Another commit, so that the next task's git has to work in the tree with the traps.
      await attacker.push({ "b.txt": "two\n" });
      const check = await attacker.run(`/crabbox run --provider ${provider} -- node attack.mjs`);
      const text = check.output.text ?? "";
      if (!text.includes("attack=over")) throw new Error(JSON.stringify(check.output, null, 1));
      if (!(check.output.summary ?? "").includes("warm, used before"))
        throw new Error(`not the planted box: ${check.output.summary}`);
      return new Map(
        [...text.matchAll(LINE)].map(({ groups }) => [groups?.["name"] ?? "", groups?.["how"] ?? ""]),
      );
    },
    async close() {
      await new Promise((resolve) => service.close(resolve));
      await stage.close();
    },
  };
}
