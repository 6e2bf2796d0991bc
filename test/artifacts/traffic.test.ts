import { Readable, type Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import pino from "pino";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createArtifactTraffic } from "../../app/artifacts/traffic.ts";
import { AppError } from "../../app/errors.ts";
import { untilAborted } from "../../app/until-aborted.ts";
import type { BoxLink } from "../../app/ssh/boxd-client.ts";
import { createLogStore } from "../../app/store/logs.ts";
import type { Box } from "../../app/store/rows.ts";
import type { TaskEvent } from "../../runner-bootstrap/boxd/task.ts";
import { until } from "../servers/until.ts";
import { eventFrame, taskFrame } from "../ssh/journal-frames.ts";
import { artifactRoom, contentOf } from "./room.ts";

let room: Awaited<ReturnType<typeof artifactRoom>>;
beforeEach(async () => {
  room = await artifactRoom();
});
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
  await room.end();
});

const ends: (() => Promise<void>)[] = [];
const never = new AbortController().signal;
const nothing = { drain: never, cancelled: never };
const WANTED = { patterns: ["out"], fileMaxBytes: 100, runMaxBytes: 100, filesMax: 10 };
const told = (name: string, text: string, change: object = {}): TaskEvent => ({
  e: "artifact",
  from: "tree",
  name,
  ...contentOf(text),
  ...change,
});

/** One attempt's traffic with a box that holds `blobs`; the first `faults` fetches lose the link. */
async function attemptOn(
  blobs: readonly string[],
  set: {
    readonly resumed?: readonly TaskEvent[];
    readonly faults?: number;
    readonly isStill?: true;
    /** The fetch of this one never ends. */
    readonly still?: string;
    /** The fetch never gets so far as to write. */
    readonly isUnopened?: true;
    readonly isUnasked?: true;
  } = {},
) {
  const run = await room.run();
  const logs = createLogStore(`${room.dir}/logs`);
  const frames = [taskFrame(room.attemptId), ...(set.resumed ?? []).map((event) => eventFrame(event))];
  await logs.append(room.attemptId, 0, frames);
  ends.push(() => logs.close());
  const fetching: Writable[] = [];
  let faults = set.faults ?? 0;
  const link = {
    async getBlob(sha256: string, _maxBytes: number, target: Writable, signal: AbortSignal) {
      if ((faults -= 1) >= 0) throw new AppError("link_lost", "The link was lost.", "Again.");
      const text = blobs.find((one) => contentOf(one).sha256 === sha256);
      if (text === undefined) return false;
      fetching.push(target);
      if (set.isUnopened === true) await untilAborted(signal, new Promise(() => undefined));
      const still = new Readable({ read: () => undefined });
      await pipeline(set.isStill === true || set.still === text ? still : Readable.from([text]), target, {
        signal,
      });
      return true;
    },
  } as unknown as BoxLink;
  const traffic = createArtifactTraffic(
    {
      artifacts: room.artifacts,
      links: { get: async () => link },
      logs,
      log: pino({ level: "silent" }),
    },
    {
      run,
      attempt: { id: room.attemptId, logBytes: Buffer.concat(frames).length },
      box: {} as Box,
      task: set.isUnasked === true ? {} : { artifacts: WANTED },
      resumed: set.resumed !== undefined,
    },
  );
  return { run, traffic, fetching };
}

describe("the artifacts of an attempt", () => {
  it("what the box tells is kept with its run, a lost link made good once; what it does not have is not listed", async () => {
    const { run, traffic } = await attemptOn(["aaa", "bbb"], { faults: 1 });
    traffic.event(told("out/a", "aaa"));
    traffic.event(told("out/b", "bbb"));
    traffic.event(told("out/gone", "ccc"));
    await traffic.done(nothing);
    expect(await room.names(run)).toEqual(["out/a", "out/b"]);
  });

  it("what an earlier process heard of, and did not keep, is kept by the next, once", async () => {
    const { run, traffic } = await attemptOn(["aaa"], { resumed: [told("out/a", "aaa")] });
    traffic.event(told("out/a", "aaa"));
    await traffic.done(nothing);
    expect(await room.names(run)).toEqual(["out/a"]);
  });

  it("no more than is wanted, and nothing that nobody asked for", async () => {
    const large = ["a", "b", "c"].map((text) => text.repeat(40));
    const { run, traffic } = await attemptOn(large);
    large.forEach((text, n) => traffic.event(told(`${n}`, text)));
    await traffic.done(nothing);
    expect(await room.names(run)).toEqual(["0", "1"]);
    const unasked = await attemptOn(["aaa"], { isUnasked: true });
    unasked.traffic.event(told("a", "aaa"));
    await unasked.traffic.done(nothing);
    expect(await room.names(unasked.run)).toEqual([]);
  });

  it.each([
    ["in the middle", { isStill: true }],
    ["before its first byte", { isUnopened: true }],
  ] as const)("a box that stands still %s holds nothing once the attempt is over", async (_, set) => {
    const { traffic, fetching } = await attemptOn(["aaa"], set);
    traffic.event(told("a", "aaa"));
    await until(() => fetching.length === 1, "the fetch");
    traffic.close();
    await until(() => room.files().length === 0, "the half file to go");
    expect(fetching[0]?.destroyed).toBe(true);
  });

  it("a cancel ends the wait for them at once; what had come by then is kept", async () => {
    const { run, traffic, fetching } = await attemptOn(["aaa", "bbb"], { still: "bbb" });
    traffic.event(told("a", "aaa"));
    traffic.event(told("b", "bbb"));
    const cancel = new AbortController();
    const done = traffic.done({ drain: never, cancelled: cancel.signal });
    await until(async () => (await room.names(run)).length === 1 && fetching.length === 2, "the first file");
    cancel.abort();
    await done;
    traffic.close();
    await until(() => room.files().length === 1, "the half file to go");
    expect(await room.names(run)).toEqual(["a"]);
  });

  it("a run that was cancelled before its end has what is there", async () => {
    const { run, traffic } = await attemptOn(["aaa"]);
    traffic.event(told("a", "aaa"));
    await traffic.done({ drain: never, cancelled: AbortSignal.abort() });
    expect(await room.names(run)).toEqual(["a"]);
  });

  it("an App that ends does not wait, and says so to its caller", async () => {
    const { traffic } = await attemptOn(["aaa"]);
    traffic.event(told("a", "aaa"));
    await expect(traffic.done({ ...nothing, drain: AbortSignal.abort(new Error("drain")) })).rejects.toThrow(
      "drain",
    );
    traffic.close();
  });
});
