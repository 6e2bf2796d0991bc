import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";

import { createLocal } from "../../providers/local/local.ts";
import { LocalSettings } from "../../providers/local/settings.ts";

const stateDir = mkdtempSync(join(tmpdir(), "crabbox-refused-"));
afterEach(() => rmSync(stateDir, { recursive: true, force: true }));

test("a local provider that must not serve makes no box, though it was never opened", async () => {
  const provider = createLocal(LocalSettings.parse({ kind: "local", inContainer: "allow" }), {
    clock: { now: () => Date.now(), sleep: (ms, signal) => delay(ms, undefined, signal ? { signal } : {}) },
    stateDir,
    bubblewrapWorks: false,
  });
  const labels = { owner: "o", leaseId: "cbx_1", trustDomain: "1:trusted", expiresAt: Date.now() + 60_000 };
  const create = provider.create(
    { idempotencyId: "cbx_1", types: ["local"], labels, repository: "a/b" },
    AbortSignal.timeout(20_000),
  );
  await expect(create).rejects.toMatchObject({ kind: "unusable" });
  expect(await provider.list("o", AbortSignal.timeout(20_000))).toEqual([]);
});
