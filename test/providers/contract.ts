import { afterEach, beforeEach, expect, test } from "vitest";
import { randomBytes } from "node:crypto";

import { ProviderError } from "../../providers/provider.ts";

import type { BoxLabels, CreateRequest, Provider, ProviderBox } from "../../providers/provider.ts";

/** One provider with nothing on it, as the suite needs it. */
export type ContractStage = {
  /** The provider as a started App has it. */
  open(): Promise<Provider>;
  /** Boxes it has room for. */
  readonly capacity: number;
  /** Proves that the App can log in to the box; throws otherwise. */
  logIn(box: ProviderBox): Promise<void>;
  stop(): Promise<void>;
};

const HOUR_MS = 3_600_000;
const signal = () => AbortSignal.timeout(60_000);

/** A lease's request with a fresh id. */
export function requestFor(provider: Provider, labels: Partial<BoxLabels> = {}): CreateRequest {
  const leaseId = `cbx_${randomBytes(6).toString("hex")}`;
  return {
    idempotencyId: leaseId,
    types: provider.types("standard"),
    labels: {
      owner: "owner-a",
      leaseId,
      trustDomain: "42:trusted",
      expiresAt: Date.now() + HOUR_MS,
      ...labels,
    },
    repository: "octo/sample",
  };
}

/** What every provider must keep; each provider's test file runs it against the real thing. */
export function providerContract(makeStage: () => Promise<ContractStage>): void {
  let stage: ContractStage;
  let provider: Provider;

  beforeEach(async () => {
    stage = await makeStage();
    provider = await stage.open();
  });
  afterEach(async () => {
    await stage.stop();
  });

  test("creates a box one can log in to, with the labels it was given", async () => {
    const request = requestFor(provider);
    const box = await provider.create(request, signal());
    expect(box).toMatchObject({ state: "ready", labels: request.labels });
    expect(request.types).toContain(box.type);
    await stage.logIn(box);
    expect(await provider.describe(box.ref, signal())).toEqual(box);
  });

  test("the same id twice is the same box, also at once and for an App that was killed between", async () => {
    const request = requestFor(provider);
    const first = await provider.create(request, signal());
    const restarted = await stage.open();
    const again = await Promise.all([
      restarted.create(request, signal()),
      restarted.create(request, signal()),
    ]);
    expect(again.map(({ ref }) => ref)).toEqual([first.ref, first.ref]);
    expect(await restarted.list("owner-a", signal())).toHaveLength(1);
  });

  test("lists by owner only", async () => {
    const own = await provider.create(requestFor(provider), signal());
    const foreign = await provider.create(requestFor(provider, { owner: "owner-b" }), signal());
    expect((await provider.list("owner-a", signal())).map(({ ref }) => ref)).toEqual([own.ref]);
    expect((await provider.list("owner-b", signal())).map(({ ref }) => ref)).toEqual([foreign.ref]);
    await provider.destroy(own.ref, signal());
    expect((await provider.describe(foreign.ref, signal()))?.state).toBe("ready");
  });

  test("destroys once and for all: twice is once, and the ref stays gone", async () => {
    const request = requestFor(provider);
    const box = await provider.create(request, signal());
    await provider.destroy(box.ref, signal());
    await provider.destroy(box.ref, signal());
    expect(await provider.describe(box.ref, signal())).toBeNull();
    expect(await provider.list("owner-a", signal())).toEqual([]);
    await provider.create(requestFor(provider), signal());
    expect(await provider.describe(box.ref, signal())).toBeNull();
    await provider.destroy(box.ref, signal());
    expect(await provider.list("owner-a", signal())).toHaveLength(1);
  });

  test("a ref that was never there is gone, and destroyed", async () => {
    for (const ref of ["cbx_000000000000", "../../etc", "no.such.cbx_0", ""]) {
      expect(await provider.describe(ref, signal())).toBeNull();
      await provider.destroy(ref, signal());
    }
  });

  test("extends what is there and says gone for what is not", async () => {
    const box = await provider.create(requestFor(provider), signal());
    const later = box.labels.expiresAt + HOUR_MS;
    await provider.extend(box.ref, later, signal());
    expect((await provider.describe(box.ref, signal()))?.labels.expiresAt).toBe(later);
    await provider.destroy(box.ref, signal());
    await expect(provider.extend(box.ref, later, signal())).rejects.toMatchObject({ kind: "gone" });
  });

  test("says no_capacity when it is full, and has room again after a destroy", async () => {
    const boxes: ProviderBox[] = [];
    while (boxes.length < stage.capacity) boxes.push(await provider.create(requestFor(provider), signal()));
    const full = await provider.create(requestFor(provider), signal()).catch((error: unknown) => error);
    expect(full).toBeInstanceOf(ProviderError);
    expect(full).toMatchObject({ kind: "no_capacity", provider: provider.name });
    expect((full as ProviderError).hint).not.toBe("");
    await provider.destroy(boxes[0]?.ref ?? "", signal());
    expect((await provider.create(requestFor(provider), signal())).state).toBe("ready");
  });

  test("quotes whole micro-USD with source and date", async () => {
    const [type = ""] = provider.types("standard");
    const price = await provider.price(type, signal());
    expect(Number.isInteger(price.microUsdPerHour)).toBe(true);
    expect(price).toMatchObject({ type, source: "settings", microUsdPerHour: 250_000 });
    expect(price.date).toMatch(/^\d{4}-\d{2}-\d{2}$/);
  });

  test("types of a class that is not offered are none", () => {
    expect(provider.types("beast")).toEqual([]);
  });
}
