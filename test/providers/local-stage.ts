import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { createSystemClock } from "../../app/clock.ts";
import { createLocal } from "../../providers/local/local.ts";
import { askHost } from "../../providers/local/host-lock.ts";
import { LocalSettings } from "../../providers/local/settings.ts";

import type { z } from "zod";
import type { LocalDeps } from "../../providers/local/local.ts";
import type { Provider } from "../../providers/provider.ts";

export const clock = createSystemClock();

/** A local provider in a state directory of its own, with the host process's end taken care of. */
export function localStage(
  settings: Partial<z.input<typeof LocalSettings>> = {},
  deps: Partial<LocalDeps> = {},
) {
  const stateDir = mkdtempSync(join(tmpdir(), "cbx-local-"));
  const dir = join(stateDir, "local");
  return {
    stateDir,
    dir,
    /** A provider as a started App makes it; each call is a restart. */
    async open(): Promise<Provider> {
      const provider = createLocal(
        LocalSettings.parse({
          kind: "local",
          unsafe: true,
          inContainer: "allow",
          maxBoxes: 2,
          price: { usdPerHour: 0.25, asOf: "2026-11-01" },
          ...settings,
        }),
        { clock, stateDir, ...deps },
      );
      await provider.open(AbortSignal.timeout(60_000));
      return provider;
    },
    /** Names of the directories that hold a box. */
    places(): readonly string[] {
      const boxes = join(dir, "boxes");
      return existsSync(boxes) ? readdirSync(boxes).filter((name) => !name.startsWith(".")) : [];
    },
    async hostPid(): Promise<number | null> {
      return existsSync(dir) ? ((await askHost(dir))?.pid ?? null) : null;
    },
    async stop(): Promise<void> {
      const pid = await this.hostPid();
      if (pid !== null) process.kill(pid, "SIGKILL");
      rmSync(stateDir, { recursive: true, force: true });
    },
  };
}
