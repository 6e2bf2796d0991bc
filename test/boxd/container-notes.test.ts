import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";

import { removeStaleContainers } from "../../runner-bootstrap/boxd/containers.ts";
import { layoutFrom } from "../../runner-bootstrap/boxd/layout.ts";
import { createStop } from "../../runner-bootstrap/boxd/stop.ts";

const ID = "att_0123456789ab";
let dir: string;
let layout: ReturnType<typeof layoutFrom>;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "notes-"));
  layout = layoutFrom({ CRABBOX_ROOT: dir, HOME: dir });
  mkdirSync(join(dir, "containers"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const note = () => join(dir, "containers", `${ID}.json`);

it("a note that a command has written decides nothing about what program runs", async () => {
  const bin = join(dir, "bin");
  mkdirSync(bin);
  writeFileSync(join(bin, "docker"), `#!/bin/sh\ntouch ${dir}/was-run\n`, { mode: 0o755 });
  writeFileSync(note(), JSON.stringify({ PATH: bin, HOME: bin, DOCKER_HOST: "ssh://elsewhere" }));
  await removeStaleContainers(layout, async () => true);
  expect(existsSync(join(dir, "was-run"))).toBe(false);
});

it.each(["a pipe", "a link", "a text"])("%s in a note's place holds nobody up", async (what) => {
  if (what === "a pipe") execFileSync("mkfifo", [note()]);
  else if (what === "a link") execFileSync("ln", ["-s", "/dev/zero", note()]);
  else writeFileSync(note(), "[[[");
  await expect(removeStaleContainers(layout, async () => true)).resolves.toEqual([]);
});

it("what is asked of a task after its own end changes nothing", () => {
  const stop = createStop(dir, Date.now() + 60_000);
  stop.dispose();
  stop.request({ why: "cancelled", by: "wanda" });
  stop.setDeadline(0);
  expect([stop.reason, stop.signal.aborted, existsSync(join(dir, "why"))]).toEqual([undefined, false, false]);
});
