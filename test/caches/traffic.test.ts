import { Readable, type Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import pino from "pino";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createCacheTraffic, type TrafficInput } from "../../app/caches/traffic.ts";
import type { BoxLink } from "../../app/ssh/boxd-client.ts";
import { createLogStore } from "../../app/store/logs.ts";
import type { Attempt, Box } from "../../app/store/rows.ts";
import type { TaskEvent } from "../../runner-bootstrap/boxd/task.ts";
import { AppError } from "../../app/errors.ts";
import { until } from "../servers/until.ts";
import { eventFrame, taskFrame } from "../ssh/journal-frames.ts";
import { ids, newRun } from "../store/fixture.ts";
import { cacheRoom, contentOf, repositoryOf } from "./room.ts";

let room: Awaited<ReturnType<typeof cacheRoom>>;
beforeEach(async () => {
  room = await cacheRoom();
});
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
  await room.end();
});

const ends: (() => Promise<void>)[] = [];

const never = new AbortController().signal;
const nothing = { drain: never, cancelled: never };
const savedOf = (key: string, text: string): TaskEvent => ({
  e: "cache",
  at: "saved",
  key,
  version: "v",
  ...contentOf(text),
});
const wantOf = (text: string): TaskEvent => ({ e: "cache", at: "want", sha256: contentOf(text).sha256 });

/** One attempt's traffic with a box that holds `blobs`; the first `faults` fetches lose the link. */
async function attemptOn(
  blobs: Readonly<Record<string, string>>,
  set: { readonly resumed?: readonly TaskEvent[]; readonly faults?: number; readonly isStill?: true } = {},
) {
  const { run } = await room.store.runs.create(newRun());
  const id = ids.attempt();
  const logs = createLogStore(`${room.dir}/logs`);
  const frames = [taskFrame(id), ...(set.resumed ?? []).map(eventFrame)];
  await logs.append(id, 0, frames);
  ends.push(() => logs.close());
  const put: string[] = [];
  const fetching: Writable[] = [];
  let faults = set.faults ?? 0;
  const link = {
    async putBlob(_sha256: string, _sizeBytes: number, content: () => Readable) {
      put.push(Buffer.concat(await content().toArray()).toString());
    },
    async getBlob(sha256: string, _maxBytes: number, target: Writable, signal: AbortSignal) {
      if ((faults -= 1) >= 0) throw new AppError("link_lost", "The link was lost.", "Again.");
      const text = Object.values(blobs).find((one) => contentOf(one).sha256 === sha256);
      if (text === undefined) return false;
      fetching.push(target);
      const never = new Readable({ read: () => undefined });
      await pipeline(set.isStill === true ? never : Readable.from([text]), target, { signal });
      return true;
    },
  } as unknown as BoxLink;
  const caches = await room.caches.offer(run, repositoryOf(11));
  const input: TrafficInput = {
    run,
    attempt: { id, logBytes: Buffer.concat(frames).length } as Attempt,
    box: {} as Box,
    task: { caches },
    resumed: set.resumed !== undefined,
  };
  const deps = {
    caches: room.caches,
    links: { get: async () => link },
    logs,
    log: pino({ level: "silent" }),
  };
  return { run, put, fetching, traffic: createCacheTraffic(deps, input) };
}

describe("the cache entries of an attempt", () => {
  it("what the box saved is filed where its run writes, a lost link made good once", async () => {
    const { run, traffic } = await attemptOn({ a: "aaa" }, { faults: 1 });
    traffic.event(savedOf("k", "aaa"));
    traffic.event(savedOf("k", "bbb"));
    traffic.event(savedOf("not-there", "ccc"));
    await traffic.done(nothing);
    expect(await room.offered(run)).toContainEqual(["refs/pull/7/merge", ["k"]]);
    expect(room.files()).toEqual([contentOf("aaa").sha256]);
  });

  it("what an earlier process of the App heard of, and did not file, is filed by the next", async () => {
    const { run, traffic } = await attemptOn({ a: "aaa" }, { resumed: [savedOf("k", "aaa")] });
    await traffic.done(nothing);
    expect((await room.offered(run))[0]).toEqual(["refs/pull/7/merge", ["k"]]);
  });

  it("a box that stands still in the middle holds nothing once the attempt is over", async () => {
    const { traffic, fetching } = await attemptOn({ a: "aaa" }, { isStill: true });
    traffic.event(savedOf("k", "aaa"));
    await until(() => fetching.length === 1, "the fetch");
    traffic.close();
    await until(() => room.files().length === 0, "the half file to go");
    expect(fetching[0]?.destroyed).toBe(true);
  });

  it("an App that ends does not wait, and says so to its caller", async () => {
    const { traffic } = await attemptOn({ a: "aaa" });
    traffic.event(savedOf("k", "aaa"));
    await expect(traffic.done({ ...nothing, drain: AbortSignal.abort(new Error("drain")) })).rejects.toThrow(
      "drain",
    );
    traffic.close();
  });

  it("brings what the task offers, thrice at the most, and nothing else that it has", async () => {
    const elsewhere = { repositoryId: 12, pullRequest: 7, baseRef: "main", trustDomain: "12:trusted" };
    await room.save(elsewhere, "theirs", "theirs");
    await room.save({ ...elsewhere, repositoryId: 11, trustDomain: "11:trusted" }, "ours", "ours");
    await room.save({ ...elsewhere, repositoryId: 11, trustDomain: "11:fork:7" }, "forks", "forks");
    const { put, traffic } = await attemptOn({});
    traffic.event(wantOf("theirs"));
    traffic.event(wantOf("forks"));
    for (const n of [1, 2, 3]) {
      traffic.event(wantOf("ours"));
      await until(() => put.length === n, "the blob");
    }
    traffic.event(wantOf("ours"));
    traffic.event(wantOf("theirs"));
    await traffic.done(nothing);
    expect(put).toEqual(["ours", "ours", "ours"]);
  });
});
