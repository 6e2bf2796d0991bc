import { Writable } from "node:stream";
import pino from "pino";
import { expect, it } from "vitest";
import { openProviders } from "../../app/system/open-providers.ts";
import { ProviderError, type Provider, type ProviderErrorKind } from "../../providers/provider.ts";
import { createManualClock } from "../github/manual-clock.ts";

/** A provider whose first openings fail as told, then all work. */
function provider(name: string, failures: ProviderErrorKind[] = []) {
  const opened = { times: 0 };
  const open = async () => {
    opened.times += 1;
    const kind = failures.shift();
    if (kind !== undefined) throw new ProviderError(name, kind, "The host is down.", "Start it.");
  };
  const types = () => ["small"];
  return { opened, provider: { name, open, types } as unknown as Provider };
}

function stage(...all: ReturnType<typeof provider>[]) {
  const lines: { msg: string; provider: string }[] = [];
  const target = new Writable({
    write(chunk, _encoding, done) {
      lines.push(JSON.parse(String(chunk)) as (typeof lines)[number]);
      done();
    },
  });
  const clock = createManualClock();
  const providers = new Map(all.map((one) => [one.provider.name, one.provider]));
  const opening = (more: { readonly openWithinMs?: number }) =>
    openProviders({ providers, clock, log: pino(target), ...more }, { provider: "main", class: "standard" });
  return {
    clock,
    said: () => lines.map(({ msg, provider }) => `${provider}: ${msg}`),
    open: () => opening({}),
    opening,
  };
}

it("tries a provider that failed again, longer apart each time, and says when it begins and ends", async () => {
  const spare = provider("spare", ["unclear", "auth", "unclear"]);
  const { open, clock, said } = stage(provider("main"), spare);
  const opening = await open();
  expect(said()).toEqual(["spare: a provider is not ready"]);
  await clock.advance(4_000);
  expect(spare.opened.times).toBe(1);
  await clock.advance(1_000);
  expect(spare.opened.times).toBe(2);
  await clock.advance(15_000);
  expect(spare.opened.times).toBe(3);
  await clock.advance(60_000);
  expect(spare.opened.times).toBe(4);
  expect(said()).toEqual(["spare: a provider is not ready", "spare: a provider is ready now"]);
  await clock.advance(3_600_000);
  expect(spare.opened.times).toBe(4);
  await opening.stop();
});

it("does not try again what can never work here, nor after the stop", async () => {
  const never = provider("never", ["unusable"]);
  const later = provider("later", ["unclear", "unclear"]);
  const { open, clock } = stage(provider("main"), never, later);
  const opening = await open();
  await opening.stop();
  await clock.advance(3_600_000);
  expect([never.opened.times, later.opened.times]).toEqual([1, 1]);
});

it("the default one may take its time: runs wait for it", async () => {
  const slow = provider("main");
  let isDone = false;
  const open = async (signal: AbortSignal) => {
    slow.opened.times += 1;
    if (isDone) return;
    await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error)));
  };
  const { opening, clock, said } = stage({ ...slow, provider: { ...slow.provider, open } });
  const opened = await opening({ openWithinMs: 50 });
  expect(said()).toEqual(["main: a provider is not ready"]);
  isDone = true;
  await clock.advance(5_000);
  expect(said()).toEqual(["main: a provider is not ready", "main: a provider is ready now"]);
  await opened.stop();
});

it("the default one must work", async () => {
  await expect(stage(provider("main", ["unclear"])).open()).rejects.toMatchObject({
    code: "bad_settings",
    message: 'Provider "main": The host is down.',
    hint: "Start it.",
  });
  await expect(stage(provider("other")).open()).rejects.toMatchObject({ code: "bad_settings" });
});
