import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { createSystemClock } from "../../app/clock.ts";
import { createHostExec } from "../../app/ssh/host-exec.ts";
import { StaticSshSettings } from "../../providers/static-ssh/settings.ts";
import { createStaticSsh } from "../../providers/static-ssh/static-ssh.ts";
import { makePlainUser } from "../servers/plain-user.ts";
import { startSshd } from "../servers/sshd.ts";

import type { z } from "zod";
import type { HostExec } from "../../app/ssh/host-exec.ts";
import type { Provider } from "../../providers/provider.ts";
import type { PlainUser } from "../servers/plain-user.ts";
import type { Sshd } from "../servers/sshd.ts";

type Input = z.input<typeof StaticSshSettings>;
type HostInput = Input["hosts"][number];

export type StaticStage = {
  readonly sshd: Sshd;
  readonly users: readonly PlainUser[];
  readonly stateDir: string;
  readonly exec: HostExec;
  /** A provider as a started App makes it; each call is a restart. */
  open(change?: Partial<Input>, host?: Partial<HostInput>): Promise<Provider>;
  stop(): Promise<void>;
};

/** A real sshd, users on it, and static-ssh providers that use them. */
export async function staticStage(userCount = 1): Promise<StaticStage> {
  const users = Array.from({ length: userCount }, () => makePlainUser());
  const sshd = await startSshd();
  const stateDir = mkdtempSync(join(tmpdir(), "cbx-static-"));
  mkdirSync(stateDir, { recursive: true });
  const clock = createSystemClock();
  const exec = createHostExec({ clock });
  return {
    sshd,
    users,
    stateDir,
    exec,
    async open(change = {}, host = {}) {
      const settings = StaticSshSettings.parse({
        kind: "static-ssh",
        separation: "bwrap",
        hosts: [
          {
            name: "lab",
            host: "127.0.0.1",
            port: sshd.port,
            user: users[0]?.name ?? "",
            keyFile: sshd.keyFile,
            slots: 2,
            price: { usdPerHour: 0.25, asOf: "2026-11-01" },
            ...host,
          },
        ],
        ...change,
      });
      const provider = createStaticSsh(settings, { clock, exec: exec.exec, stateDir });
      await provider.open(AbortSignal.timeout(60_000));
      return provider;
    },
    async stop() {
      exec.close();
      await sshd.stop();
      for (const user of users) user.remove();
      rmSync(stateDir, { recursive: true, force: true });
    },
  };
}
