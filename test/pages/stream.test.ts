import { connect } from "node:net";
import type { Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { T0 } from "../templates/sample.ts";
import { openSse } from "./sse-client.ts";
import type { Sse } from "./sse-client.ts";
import { openStage } from "./stage.ts";
import type { Stage } from "./stage.ts";

let stage: Stage;
const open: Sse[] = [];
const listen = async (headers: Readonly<Record<string, string>> = {}): Promise<Sse> => {
  const sse = await openSse(`${stage.url}/stream`, headers);
  open.push(sse);
  return sse;
};
beforeEach(async () => {
  stage = await openStage();
});
afterEach(async () => {
  for (const sse of open.splice(0)) sse.close();
  await stage.close();
});

/** Messages until one says that many rows. */
async function untilRows(sse: Sse, rows: number): Promise<{ id: string; data: Record<string, unknown> }> {
  for (;;) {
    const message = await sse.next("log");
    if (message.data["rows"] === rows) return message;
  }
}

/** A browser that asks for the stream and never reads it. */
function stuckReader(): Socket {
  const address = new URL(stage.url);
  const socket = connect(Number(address.port), address.hostname);
  socket.on("error", () => socket.destroy());
  socket.pause();
  socket.write(`GET ${address.pathname}/stream HTTP/1.1\r\nhost: x\r\n\r\n`);
  return socket;
}

describe("the stream", () => {
  test("tells the state, then what came, with the place in the journal", async () => {
    const sse = await listen();
    expect((await sse.next("status")).data).toMatchObject({
      title: "Running for 1 min: starting",
      tone: "running",
      done: false,
      attempt: 1,
    });
    await stage.write("one\ntw");
    const first = await untilRows(sse, 2);
    expect(first.data).toMatchObject({ attempt: 1, open: 1 });
    await stage.write("o\n");
    const second = await sse.next("log");
    expect(second.data).toMatchObject({ rows: 2, open: null, lines: [{ n: 1, s: "two" }] });
    expect(second.id).toMatch(/^1\.\d+$/u);
    expect(Number(second.id.slice(2))).toBeGreaterThan(Number(first.id.slice(2)));
  });

  test("ends for who may not read any more, and tells nothing after", async () => {
    const sse = await listen();
    await sse.next("status");
    stage.set({ isLinked: false });
    await expect(sse.next("never")).rejects.toThrow("the stream ended");
    expect((await fetch(`${stage.url}/stream`)).status).toBe(404);
  });

  test("after a lost connection only says what is new", async () => {
    const before = await listen();
    await stage.write("one\n");
    const { id } = await untilRows(before, 1);
    before.close();
    const same = await listen({ "last-event-id": id });
    await same.next("status");
    await stage.write("two\n");
    const next = await same.next("log");
    expect(next.data["rows"]).toBe(2);
  });

  test("says the end and closes when the run is done", async () => {
    const sse = await listen();
    await stage.write("one\n", {
      e: "exit",
      code: 0,
      executed: true,
      survivors: [],
      rung: "cgroup2",
      endedAt: T0,
    });
    await untilRows(sse, 2);
    stage.set({ run: { state: "done", outcome: "succeeded", endedAt: T0 + 1000 } });
    for (;;) if ((await sse.next("status")).data["done"] === true) break;
    await sse.next("end");
    await expect(sse.next("log")).rejects.toThrow("the stream ended");
    const late = await listen();
    expect((await untilRows(late, 2)).data["rows"]).toBe(2);
    await late.next("end");
  });

  test("moves to the next attempt", async () => {
    const sse = await listen();
    await stage.write("lost\n");
    await untilRows(sse, 1);
    const first = stage.attempt;
    stage.set({
      attempts: [
        { ...first, state: "ended" },
        { ...first, id: "att_0000000000ff", n: 2 },
      ],
    });
    for (;;) if ((await sse.next("status")).data["attempt"] === 2) break;
    await stage.write("again\nand again\n");
    const { data } = await untilRows(sse, 2);
    expect(data["attempt"]).toBe(2);
  });

  test("a reader that does not read holds up neither the log nor others, and the App keeps little for it", async () => {
    const stuck = stuckReader();
    const sse = await listen();
    await sse.next("status");
    const before = process.memoryUsage().rss;
    for (let turn = 0; turn < 400; turn += 1) await stage.write(`${"x".repeat(60_000)}\n`.repeat(2));
    await untilRows(sse, 800);
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * 1024 * 1024);
    stuck.destroy();
  });

  test("a server that closes does not wait for its readers, not even for one that is stuck", async () => {
    const stuck = stuckReader();
    const sse = await listen();
    await sse.next("status");
    await stage.write(...Array.from({ length: 100 }, () => `${"x".repeat(60_000)}\n`));
    const closed = stage.close();
    await expect(sse.next("end")).rejects.toThrow();
    await closed;
    stuck.destroy();
    stage = await openStage();
  });
});
