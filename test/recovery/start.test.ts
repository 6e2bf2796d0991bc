import { cpSync, mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { appProcess } from "../servers/app-process.ts";
import { openStage, type Stage } from "../servers/stage.ts";
import { mountSmallDisk } from "../store/small-disk.ts";
import { completed, runQuickly } from "./chapters.ts";
import { openScene, type Scene } from "./scene.ts";

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function stageAtRest(): Promise<Stage> {
  const stage = await openStage({ start: false });
  closing.push(stage.close);
  return stage;
}

/** How it ended, and the last words an operator sees. */
async function refusedStart(
  app: Stage["app"],
): Promise<{ readonly code: number | null; readonly words: string }> {
  const from = app.log().length;
  expect(await app.start()).toBe("ended");
  const { code } = await app.end("SIGTERM");
  return { code, words: app.log().slice(from) };
}

test("a file that is no database ends the start with 1 and says what to do", async () => {
  const { app } = await stageAtRest();
  mkdirSync(app.stateDir, { recursive: true });
  writeFileSync(join(app.stateDir, "crabbox.sqlite"), "this was a letter to my aunt\n".repeat(500));
  const { code, words } = await refusedStart(app);
  expect(code).toBe(1);
  expect(words).toContain("not an SQLite database");
  expect(words).toContain("restore the last backup");
});

test("a damaged database ends the start with 1 and says what to do", async () => {
  const { app } = await stageAtRest();
  expect(await app.start()).toBe("ready");
  await app.end("SIGTERM");
  const path = join(app.stateDir, "crabbox.sqlite");
  const bytes = readFileSync(path);
  writeFileSync(path, Buffer.concat([bytes.subarray(0, 100), Buffer.alloc(bytes.length - 100, 0xff)]));
  const { code, words } = await refusedStart(app);
  expect(code).toBe(1);
  expect(words).toContain("The database is damaged");
  expect(words).toContain("restore the last backup");
});

test("a read-only disk ends the start with 1 and says what to do (root only)", async ({ skip }) => {
  const disk = mountSmallDisk("32M");
  if (disk === null) return skip("a file system of its own cannot be mounted here");
  closing.push(async () => disk.unmount());
  const { app, dir } = await stageAtRest();
  expect(await app.start()).toBe("ready");
  await app.end("SIGTERM");
  // As it was, on a disk that then became read-only.
  cpSync(join(app.stateDir, "crabbox.sqlite"), join(disk.dir, "crabbox.sqlite"));
  renameSync(app.stateDir, join(dir, "app-before"));
  symlinkSync(disk.dir, app.stateDir);
  disk.remount("ro");
  const { code, words } = await refusedStart(app);
  expect(code).toBe(1);
  expect(words).toContain("cannot be written (EROFS)");
  expect(words).toContain("a disk that is not read-only");
});

test("a second App on the same state dir ends at once, names the holder and disturbs nobody", async () => {
  const scene = await opened();
  const { app, github, dir } = scene.stage;
  const second = appProcess({ dir, github, port: 0, stateDir: app.stateDir, name: "second" });
  const { code, words } = await refusedStart(second);
  expect(code).toBe(1);
  expect(words).toContain(`process ${app.pid()}`);
  await runQuickly(scene, "first-goes-on", 0, "success");
  expect(scene.keeper.deaths()).toBe(0);
});

test("SIGTERM while a command runs: the App ends well, the command lives on, the next start finishes it", async () => {
  const scene = await opened();
  const token = "outlives-the-app";
  await scene.comment(`/crabbox run -- ${scene.gate.command(token, "seq 1 5000")}`);
  await scene.gate.reached(token);
  scene.journals.keep();
  await scene.keeper.stop();
  // 0: everything let go by itself, before the drain's own bound.
  expect(await scene.stage.app.end("SIGTERM")).toEqual({ code: 0, signal: null });
  scene.gate.open(token, 0);
  expect(await scene.stage.app.start()).toBe("ready");
  await completed(scene, token, "success");
  expect(scene.gate.begun(token)).toBe(1);
  expect(scene.journals.differences()).toEqual([]);
});

async function opened(): Promise<Scene> {
  const scene = await openScene();
  closing.push(scene.close);
  return scene;
}
