import pino from "pino";
import { afterEach, expect, test, vi } from "vitest";
import { createSyncTokens } from "../../app/runs/sync-tokens.ts";

const REPOSITORY = { id: 11, accountId: 1 };
const OTHER = { id: 12, accountId: 1 };

afterEach(() => void vi.useRealTimers());

function stage(fails: (n: number) => boolean = () => false) {
  const minted: string[] = [];
  const revoked: string[] = [];
  let calls = 0;
  const tokens = createSyncTokens({
    async mint({ id }) {
      calls += 1;
      if (fails(calls)) throw new Error("GitHub is ill");
      const token = `token-${calls}-of-${id}`;
      minted.push(token);
      return token;
    },
    async revoke(token) {
      revoked.push(token);
    },
    log: pino({ level: "silent" }),
  });
  return { tokens, minted, revoked };
}

test("a token minted ahead is taken once, and only for its repository", async () => {
  const { tokens, minted } = stage();
  tokens.ahead(REPOSITORY);
  expect(await tokens.take(OTHER)).toBe("token-2-of-12");
  expect(await tokens.take(REPOSITORY)).toBe("token-1-of-11");
  expect(await tokens.take(REPOSITORY)).toBe("token-3-of-11");
  expect(minted.length).toBe(3);
});

test("when minting ahead failed, taking mints again and tells of its own failure", async () => {
  const { tokens } = stage((n) => n === 1 || n === 3);
  tokens.ahead(REPOSITORY);
  expect(await tokens.take(REPOSITORY)).toBe("token-2-of-11");
  await expect(tokens.take(REPOSITORY)).rejects.toThrow("GitHub is ill");
});

test("no more than four wait for a repository; closing revokes them all", async () => {
  const { tokens, minted, revoked } = stage();
  for (let n = 0; n < 10; n += 1) tokens.ahead(REPOSITORY);
  expect(minted.length).toBe(4);
  await tokens.close();
  expect(revoked.toSorted()).toEqual(minted.toSorted());
});

test("one that nobody takes is revoked after a minute; a used one at once", async () => {
  vi.useFakeTimers();
  const { tokens, revoked } = stage();
  tokens.ahead(REPOSITORY);
  await vi.advanceTimersByTimeAsync(59_999);
  expect(revoked).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(revoked).toEqual(["token-1-of-11"]);
  const taken = await tokens.take(REPOSITORY);
  tokens.used(taken);
  expect(revoked).toEqual(["token-1-of-11", taken]);
});
