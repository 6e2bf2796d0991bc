import pino from "pino";
import { expect, test } from "vitest";
import { coalesce } from "../../app/runs/coalesce.ts";
import { createManualClock } from "../github/manual-clock.ts";

const log = pino({ level: "silent" });

function stage(post: (key: string, times: number) => Promise<void> = async () => undefined) {
  const clock = createManualClock();
  const posts: { readonly key: string; readonly at: number }[] = [];
  const start = clock.now();
  const coalesced = coalesce<string>({
    clock,
    log,
    firstMs: 300,
    intervalMs: 5_000,
    async post(key) {
      posts.push({ key, at: clock.now() - start });
      await post(key, posts.length);
    },
  });
  return { clock, posts, coalesced };
}

test("many touches make one post, later ones wait for the interval", async () => {
  const { clock, posts, coalesced } = stage();
  for (let n = 0; n < 100; n += 1) coalesced.touch("a");
  await clock.advance(299);
  expect(posts).toEqual([]);
  await clock.advance(1);
  expect(posts).toEqual([{ key: "a", at: 300 }]);
  await clock.advance(10_000);
  expect(posts.length).toBe(1);
});

test("what changes while a post is under way is posted after the interval, keys apart", async () => {
  const gate = Promise.withResolvers<void>();
  const { clock, posts, coalesced } = stage(async (_key, times) => (times === 1 ? gate.promise : undefined));
  coalesced.touch("a");
  await clock.advance(300);
  coalesced.touch("a");
  coalesced.touch("b");
  await clock.advance(300);
  expect(posts.map(({ key }) => key)).toEqual(["a", "b"]);
  gate.resolve();
  await clock.advance(4_999);
  expect(posts.length).toBe(2);
  await clock.advance(1);
  expect(posts.map(({ key }) => key)).toEqual(["a", "b", "a"]);
});

test("a failed post comes again, each time later, until it is done", async () => {
  const { clock, posts, coalesced } = stage(async (_key, times) => {
    if (times < 4) throw new Error("GitHub is ill");
  });
  coalesced.touch("a");
  await clock.advance(120_000);
  expect(posts.map(({ at }) => at)).toEqual([300, 5_300, 10_300, 25_300]);
});

test("settle forgets what waits and waits for what is under way; close ends all", async () => {
  const gate = Promise.withResolvers<void>();
  const { clock, posts, coalesced } = stage(async () => gate.promise);
  coalesced.touch("waits");
  await coalesced.settle("waits");
  await clock.advance(10_000);
  expect(posts).toEqual([]);
  coalesced.touch("posts");
  await clock.advance(300);
  let isSettled = false;
  const settled = coalesced.settle("posts").then(() => (isSettled = true));
  await clock.advance(60_000);
  expect(isSettled).toBe(false);
  gate.resolve();
  await settled;
  await coalesced.close();
  coalesced.touch("too late");
  await clock.advance(10_000);
  expect(posts.length).toBe(1);
});
