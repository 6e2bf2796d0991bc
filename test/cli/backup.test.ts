import { execFile } from "node:child_process";
import { readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openStage, type Stage } from "../servers/stage.ts";
import { checkNamed, outputShown } from "../flows/looks.ts";

const BIN = join(import.meta.dirname, "..", "..", "app", "cli", "bin.mjs");
const WITHIN_MS = 60_000;

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

function cli(...args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const env = {
    PATH: process.env["PATH"],
    HOME: process.env["HOME"],
    CRABBOX_CONFIG: join(stage.dir, "app.yml"),
  };
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [BIN, ...args],
      { cwd: stage.dir, env, timeout: WITHIN_MS },
      (error, stdout, stderr) => resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
    );
  });
}

test("a backup taken while a run is at work brings everything back, and the run goes on", async () => {
  const file = join(stage.dir, "backup.tar.gz");
  const { stateDir } = stage.app;
  const done = await stage.run("/crabbox run -- echo before the backup");
  await stage.comment("/crabbox run -- echo begun; sleep 8; echo ended");
  await outputShown(stage, "echo begun");
  expect(await cli("backup", file)).toMatchObject({ code: 0, stdout: expect.stringContaining("MiB") });
  expect(statSync(file).mode & 0o077).toBe(0);
  expect(readdirSync(stage.dir).filter((name) => name.startsWith(".crabbox-backup"))).toEqual([]);

  // All is lost but the boxes, which are another machine's in earnest.
  await stage.app.end("SIGKILL");
  expect(await cli("restore", file)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("is not empty"),
  });
  const restored = join(stage.dir, "restored");
  await elsewhere(restored, async () => expect(await cli("restore", file)).toMatchObject({ code: 0 }));
  for (const name of readdirSync(stateDir))
    if (name !== "local") rmSync(join(stateDir, name), { recursive: true });
  for (const name of readdirSync(restored))
    if (name !== "local") renameSync(join(restored, name), join(stateDir, name));

  expect(await stage.app.start()).toBe("ready");
  const check = await checkNamed(stage, "echo begun", "completed");
  expect(check.conclusion).toBe("success");
  expect(check.output.text).toContain("ended");
  const log = await fetch(`${done.detailsUrl}/download`);
  expect(await log.text()).toContain("before the backup");
});

test("what is no backup, or is not there, is refused and nothing is left", async () => {
  expect((await cli("restore", "/nowhere.tar.gz")).stderr).toContain("There is no file");
  const other = join(stage.dir, "other.tar.gz");
  writeFileSync(other, "no archive");
  expect((await cli("restore", other)).stderr).toContain("is not empty");
  const refused = await elsewhere(join(stage.dir, "fresh"), () => cli("restore", other));
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain("tar failed");
  expect(readdirSync(stage.dir).filter((name) => name.startsWith("fresh"))).toEqual([]);
});

test("a backup never replaces a file, and wrong arguments are told with the help", async () => {
  const file = join(stage.dir, "precious");
  writeFileSync(file, "precious");
  expect((await cli("backup", file)).stderr).toContain("is there already");
  expect(readFileSync(file, "utf8")).toBe("precious");
  expect(await cli("backup")).toMatchObject({ code: 2, stderr: expect.stringContaining("Usage:") });
  expect((await cli("backup", join(stage.dir, "missing", "b.tar.gz"))).stderr).toContain("cannot be written");
});

test("where there is no database nothing is made: it would be another user's", async () => {
  const nowhere = join(stage.dir, "nowhere");
  for (const args of [
    ["dead-letters"],
    ["dead-letters", "--retry", "x"],
    ["backup", join(stage.dir, "n.gz")],
  ])
    expect(await elsewhere(nowhere, () => cli(...args))).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`There is no database in ${nowhere}`),
    });
  expect(readdirSync(stage.dir)).not.toContain("nowhere");
});

/** Does something with the settings file naming another state directory. */
async function elsewhere<T>(stateDir: string, work: () => Promise<T>): Promise<T> {
  const config = join(stage.dir, "app.yml");
  const before = readFileSync(config, "utf8");
  writeFileSync(config, before.replace(/stateDir: .*/u, `stateDir: ${stateDir}`));
  try {
    return await work();
  } finally {
    writeFileSync(config, before);
  }
}
