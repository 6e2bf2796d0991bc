import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";

import { until } from "../servers/until.ts";
import { boxStage, createCopy, taskOf } from "./box-stage.ts";
import { endFrame, outputFrame, taskFrame } from "./journal-frames.ts";

import type { BoxLink } from "../../app/ssh/boxd-client.ts";

/*
 * A box whose boxd is somebody else's program: it answers every command with the bytes of one file.
 */
let stage: Awaited<ReturnType<typeof boxStage>>;
let link: BoxLink;
const never = new AbortController().signal;
const task = taskOf("task_honest", "true");

beforeAll(async () => {
  stage = await boxStage();
});
beforeEach(async () => {
  link = await stage.open({
    programs: { name: "boxd-liar.mjs", bytes: Buffer.alloc(0), sha: "", hydrate: nothing },
  });
});
afterAll(async () => {
  await stage.stop();
});

const nothing = { name: "hydrate-liar.mjs", bytes: Buffer.alloc(0), sha: "" };

/** What the box says from now on, and what its program exits with. */
function say(bytes: Buffer, code = 0): void {
  mkdirSync(stage.rootDir, { recursive: true });
  writeFileSync(join(stage.rootDir, "answer"), bytes);
  writeFileSync(join(stage.rootDir, "boxd-liar.mjs"), "");
  writeFileSync(join(stage.rootDir, "node"), `#!/bin/sh\ncat "\${0%/*}/answer"\nexit ${code}\n`);
  chownSync(stage.rootDir, stage.user.uid, -1);
  for (const path of [stage.rootDir, join(stage.rootDir, "node")]) chmodSync(path, 0o755);
  chmodSync(join(stage.rootDir, "answer"), 0o644);
}

test("another task's journal is a lie, and nothing of it is kept", async () => {
  say(Buffer.concat([taskFrame("task_foreign"), endFrame()]));
  const copy = createCopy();
  await expect(link.start(task, 0, copy.sink, never)).rejects.toMatchObject({ code: "box_lied" });
  expect(copy.length).toBe(0);
});

test("a journal that begins anew where the middle was asked for is a lie", async () => {
  say(Buffer.concat([taskFrame(task.id), outputFrame("again"), endFrame()]));
  await expect(link.start(task, 512, createCopy().sink, never)).rejects.toMatchObject({ code: "box_lied" });
});

test("a huge length is refused before anything of that size is held", async () => {
  const header = Buffer.from([1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0]);
  say(Buffer.concat([taskFrame(task.id), header, Buffer.alloc(1_000_000)]));
  await expect(link.start(task, 0, createCopy().sink, never)).rejects.toMatchObject({ code: "box_lied" });
});

test("a stream that stops without an end is a lost link, not a result", async () => {
  say(Buffer.concat([taskFrame(task.id), outputFrame("half")]), 1);
  expect(await link.start(task, 0, createCopy().sink, never)).toHaveProperty("lost");
});

test("answers that fit no question are lies; endless ones are cut", async () => {
  say(Buffer.from('{"tasks": "all of them"}'));
  await expect(link.status()).rejects.toMatchObject({ code: "box_lied" });
  say(Buffer.from("no json"));
  await expect(link.settle(task.id)).rejects.toMatchObject({ code: "box_lied" });
  say(Buffer.alloc(5_000_000, "x"));
  await expect(link.status()).rejects.toMatchObject({ code: "box_lied" });
});

test("a blob with another content, or more of it, is a lie", async () => {
  say(Buffer.from("something else"));
  const target = () => new PassThrough().resume();
  await expect(link.getBlob("0".repeat(64), 1_000, target(), never)).rejects.toMatchObject({
    code: "box_lied",
  });
  await expect(link.getBlob("0".repeat(64), 3, target(), never)).rejects.toMatchObject({ code: "box_lied" });
});

test("a box that holds a blob back is let go of at an abort: its program hears so", async () => {
  say(Buffer.alloc(0));
  const pidFile = join(stage.user.home, `.pid-${process.pid}`);
  const script = `#!/bin/sh\nprintf half\nexec >&-\necho $$ > "${pidFile}"\nexec cat > /dev/null\n`;
  writeFileSync(join(stage.rootDir, "node"), script);
  const stop = new AbortController();
  const fetched = link.getBlob("0".repeat(64), 1_000, new PassThrough().resume(), stop.signal);
  const pid = await until(() => existsSync(pidFile) && readFileSync(pidFile, "utf8").trim(), "the program");
  rmSync(pidFile);
  stop.abort(new Error("enough"));
  await expect(fetched).rejects.toThrow("enough");
  await until(() => !existsSync(`/proc/${pid}`), "its end");
  const begun = link.getBlob("0".repeat(64), 1_000, new PassThrough(), stop.signal);
  await expect(begun).rejects.toThrow("enough");
});

test("a box on which nothing can be installed says so", async () => {
  say(Buffer.alloc(0), 97);
  await expect(link.start(task, 0, createCopy().sink, never)).rejects.toMatchObject({ code: "box_unusable" });
});
