import { afterEach, beforeEach, expect, test } from "vitest";
import type { Provider } from "../../providers/provider.ts";
import { staticStage, type StaticStage } from "./static-stage.ts";

const WITHIN_MS = 60_000;

let stage: StaticStage;
beforeEach(async () => {
  stage = await staticStage();
});
afterEach(() => stage.stop());

test("a host that keeps nothing apart is still anybody's after the doctor was there", async () => {
  const provider = await stage.open({ separation: "none" }, { slots: 1 });
  const first = await take(provider, "doctor-abc", "doctor", "cbx_0000000000a1");
  await provider.destroy(first.ref, AbortSignal.timeout(WITHIN_MS));
  const second = await take(provider, "app", "acme/shop", "cbx_0000000000a2");
  await provider.destroy(second.ref, AbortSignal.timeout(WITHIN_MS));
  // Whoever came first in earnest stays.
  await expect(take(provider, "app", "acme/other", "cbx_0000000000a3")).rejects.toMatchObject({
    message: expect.stringContaining("Every host serves another repository"),
  });
  await expect(take(provider, "doctor-def", "doctor", "cbx_0000000000a4")).rejects.toThrow("Every host");
  await provider.close();
});

const take = (provider: Provider, owner: string, repository: string, leaseId: string) =>
  provider.create(
    {
      idempotencyId: leaseId,
      types: provider.types("standard"),
      labels: { owner, leaseId, trustDomain: `${repository}:trusted`, expiresAt: Date.now() + 600_000 },
      repository,
    },
    AbortSignal.timeout(WITHIN_MS),
  );
