import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "..", "..");
const DEPLOY = join(ROOT, "deploy");
const UNIT = "crabbox-app.service";
const HAS_ANALYZE = spawnSync("systemd-analyze", ["--version"]).status === 0;
const WITHIN_MS = 60_000;

const dir = mkdtempSync(join(tmpdir(), "crabbox-unit-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe.skipIf(!HAS_ANALYZE)(
  `the systemd unit${HAS_ANALYZE ? "" : " (skipped: no systemd-analyze)"}`,
  () => {
    test("has nothing systemd does not know, and its program is there", () => {
      expect(verify(place("plain"))).toBe("");
    });

    test("has nothing systemd does not know with the additions for `local`", () => {
      const unit = place("with-local");
      mkdirSync(`${unit}.d`);
      copyFileSync(join(DEPLOY, "crabbox-app-local.conf"), join(`${unit}.d`, "local.conf"));
      expect(verify(unit)).toBe("");
    });

    test("would be told if it had", () => {
      const unit = place("broken", (text) => text.replace("KillMode=mixed", "KillMode=gently"));
      expect(verify(unit)).toContain("gently");
      expect(
        verify(place("absent", (text) => text.replace("/app/main.ts", "").replace("/.bin/node", "/none"))),
      ).toContain("/none");
    });
  },
);

/** The unit as it is delivered, but for where this clone lies. */
function place(name: string, change: (text: string) => string = (text) => text): string {
  const unit = join(dir, name, UNIT);
  mkdirSync(join(dir, name));
  const text = readFileSync(join(DEPLOY, UNIT), "utf8").replaceAll("/opt/crabbox-app", ROOT);
  writeFileSync(unit, change(text));
  return unit;
}

/** What systemd-analyze finds wrong; "" when nothing. */
function verify(unit: string): string {
  const { stderr, stdout, error } = spawnSync("systemd-analyze", ["verify", unit], {
    encoding: "utf8",
    timeout: WITHIN_MS,
  });
  if (error !== undefined) throw error;
  return `${stdout}${stderr}`.trim();
}
