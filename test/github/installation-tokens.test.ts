import { expect, test } from "vitest";
import { createInstallationTokens } from "../../app/github/installation-tokens.ts";
import { QUIET } from "./edge.ts";
import { createManualClock } from "./manual-clock.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

function stage() {
  const clock = createManualClock();
  let minted = 0;
  let failing = false;
  const tokens = createInstallationTokens({
    clock,
    log: QUIET,
    async mint() {
      if (failing) throw new Error("GitHub is away");
      minted += 1;
      return { token: `token-${minted}`, expiresAt: clock.now() + HOUR_MS };
    },
  });
  const fail = (on: boolean) => {
    failing = on;
  };
  return { clock, tokens, minted: () => minted, fail };
}

test("a token in use is renewed ten minutes ahead, so that nobody waits for minting", async () => {
  const { clock, tokens, minted } = stage();
  expect(await tokens.get(1)).toBe("token-1");
  await clock.advance(50 * MINUTE_MS - 1);
  expect(minted()).toBe(1);
  await clock.advance(1);
  expect(minted()).toBe(2);
  expect(await tokens.get(1)).toBe("token-2");
  await clock.advance(20 * HOUR_MS);
  const before = minted();
  await tokens.get(1);
  expect(minted()).toBe(before);
});

test("a day after its last use it is let go", async () => {
  const { clock, tokens, minted } = stage();
  await tokens.get(1);
  await clock.advance(48 * HOUR_MS);
  const renewed = minted();
  expect(renewed).toBeLessThanOrEqual(30);
  await clock.advance(48 * HOUR_MS);
  expect(minted()).toBe(renewed);
});

test("renewal that fails leaves the old token in use, then mints when asked", async () => {
  const { clock, tokens, minted, fail } = stage();
  await tokens.get(1);
  fail(true);
  await clock.advance(55 * MINUTE_MS);
  expect(await tokens.get(1)).toBe("token-1");
  await clock.advance(4 * MINUTE_MS);
  await expect(tokens.get(1)).rejects.toThrow("GitHub is away");
  fail(false);
  expect(await tokens.get(1)).toBe("token-2");
  expect(minted()).toBe(2);
});

test("only the token that failed is dropped; closing ends the renewals", async () => {
  const { clock, tokens, minted } = stage();
  await tokens.get(1);
  tokens.drop(1, "another");
  expect(await tokens.get(1)).toBe("token-1");
  tokens.drop(1, "token-1");
  expect(await tokens.get(1)).toBe("token-2");
  tokens.close();
  await clock.advance(5 * HOUR_MS);
  expect(minted()).toBe(2);
});
