import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { makePlainUser } from "../test/servers/plain-user.ts";
import { startSshd } from "../test/servers/sshd.ts";
import { openStage } from "../test/servers/stage.ts";
import { openByHand } from "./by-hand.ts";

import type { PlainUser } from "../test/servers/plain-user.ts";
import type { Sshd } from "../test/servers/sshd.ts";
import type { Stage } from "../test/servers/stage.ts";
import type { ByHand } from "./by-hand.ts";

export type BoxStage = {
  readonly stage: Stage;
  readonly hand: ByHand;
  readonly user: PlainUser;
  readonly sshd: Sshd;
  readonly dir: string;
  close(): Promise<void>;
};

/**
 * The App with an offline GitHub, a real OpenSSH server that is the App's box (provider `lab`, bubblewrap around commands), and a
 * person's open connection to the same server; the box has the App's Node. The local provider is there, too. `settings` go over the App's.
 */
export async function openBoxStage(settings: Readonly<Record<string, unknown>> = {}): Promise<BoxStage> {
  const dir = mkdtempSync(join(tmpdir(), "crabbox-bench-"));
  const user = makePlainUser();
  const binDir = join(dir, "bin");
  chmodSync(dir, 0o755);
  mkdirSync(binDir);
  copyFileSync(process.execPath, join(binDir, "node"));
  const sshd = await startSshd({ binDir });
  const host = {
    name: "lab",
    host: "127.0.0.1",
    port: sshd.port,
    user: user.name,
    hostKey: sshd.hostKey,
    keyFile: sshd.keyFile,
    slots: 2,
  };
  const lab = { kind: "static-ssh", name: "lab", separation: "bwrap", hosts: [host] };
  const local = { kind: "local", name: "local", inContainer: "allow" };
  const stage = await openStage({
    settings: { providers: [lab, local], defaults: { provider: "lab" }, ...settings },
  });
  const hand = openByHand(sshd, user.name, dir);
  return {
    stage,
    hand,
    user,
    sshd,
    dir,
    async close() {
      hand.close();
      await stage.close();
      await sshd.stop();
      user.remove();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
