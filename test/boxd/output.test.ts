import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { Box } from "./box.ts";
import { bytesOf, makeBox, taskOf } from "./box.ts";

describe("output", () => {
  let box: Box;
  beforeAll(async () => {
    box = await makeBox();
  });
  afterAll(() => box.remove());

  it("masks a secret in every form the command prints, also in parts, and keeps it off the disk", async () => {
    const value = "s3cr3t/with+odd=chars";
    const line = `printf '%s' 's3cr3t/with'; sleep 0.2; echo '+odd=chars'; echo $SECRET | base64; echo "x$SECRET"`;
    const task = taskOf({ line, secrets: [value], env: { SECRET: value } });
    const front = box.start(task);
    await front.done;
    expect(front.output()).toMatch(/^\*\*\*\n\*\*\*.*\nx\*\*\*\n$/);
    for (const name of ["journal", "task.json", "exit", "go", "contain.json"]) {
      expect(bytesOf(box.path("tasks", task.id, name)).includes("s3cr3t")).toBe(false);
    }
  });

  it("carries a line of 50 MB whole", async () => {
    const front = box.start(taskOf({ line: "head -c 50000000 /dev/zero | tr '\\0' x; echo" }));
    await front.done;
    expect(front.output().length).toBe(50_000_001);
    expect(front.exit()?.gapBytes).toBeUndefined();
  });

  it("keeps head and tail beyond the cap, counts the gap, never stops the command", async () => {
    const task = taskOf({ line: "seq 1 1000000; echo the end; exit 4", logCapBytes: 100_000 });
    const front = box.start(task);
    await front.done;
    const total =
      Buffer.byteLength(Array.from({ length: 1_000_000 }, (_, index) => `${index + 1}\n`).join("")) + 8;
    const gap = front.events().find((event) => event.e === "gap");
    expect(gap).toMatchObject({ reason: "cap" });
    expect(front.exit()).toMatchObject({ code: 4, gapBytes: total - front.output().length });
    expect(front.output().startsWith("1\n2\n3\n")).toBe(true);
    expect(front.output().endsWith("1000000\nthe end\n")).toBe(true);
    expect(front.journal().equals(bytesOf(box.path("tasks", task.id, "journal")))).toBe(true);
  });

  it("resumes from any whole frame", async () => {
    const task = taskOf({ line: "for i in 1 2 3 4 5; do echo $i; sleep 0.02; done" });
    await box.start(task).done;
    const whole = bytesOf(box.path("tasks", task.id, "journal"));
    const first = 16 + whole.readUInt32BE(4);
    const rest = box.follow(["follow", task.id, String(first)], whole.subarray(0, first));
    await rest.done;
    expect(rest.journal().equals(whole)).toBe(true);
    const none = box.follow(["follow", task.id, String(whole.length)], whole);
    expect(await none.done).toBe(0);
    expect(none.exit()).toMatchObject({ code: 0 });
  });

  it("passes bytes that are no text as they are", async () => {
    const front = box.start(taskOf({ line: String.raw`printf '\xff\x00\xfe\x1b[31m'` }));
    await front.done;
    expect(front.journal().includes(Buffer.from([0xff, 0, 0xfe, 0x1b, 0x5b]))).toBe(true);
  });
});
