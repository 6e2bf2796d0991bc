import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { linkTools } from "../../runner-bootstrap/boxd/steps/tool-cache.ts";

let dir: string;
let machine: string;
let box: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "crabbox-tools-"));
  machine = join(dir, "machine");
  box = join(dir, "box");
  for (const version of ["22.1.0", "24.2.0"]) {
    mkdirSync(join(machine, "node", version, "x64", "bin"), { recursive: true });
    writeFileSync(join(machine, "node", version, "x64", "bin", "node"), version);
  }
  writeFileSync(join(machine, "node", "24.2.0", "x64.complete"), "");
  writeFileSync(join(machine, "README"), "no tool");
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const nodeOf = (version: string) => join(box, "node", version, "x64", "bin", "node");

test("links what is complete, once", () => {
  expect(linkTools(box, true, machine)).toBe(1);
  expect(readFileSync(nodeOf("24.2.0"), "utf8")).toBe("24.2.0");
  expect(existsSync(join(box, "node", "24.2.0", "x64.complete"))).toBe(true);
  expect(existsSync(nodeOf("22.1.0"))).toBe(false);
  expect(linkTools(box, true, machine)).toBe(0);
});

test("leaves what the box has alone, whole or half", () => {
  mkdirSync(join(box, "node", "24.2.0", "x64", "bin"), { recursive: true });
  writeFileSync(nodeOf("24.2.0"), "its own");
  expect(linkTools(box, true, machine)).toBe(0);
  expect(readFileSync(nodeOf("24.2.0"), "utf8")).toBe("its own");
  expect(existsSync(join(box, "node", "24.2.0", "x64.complete"))).toBe(false);
});

test.each(["node", "node/24.2.0", "node/24.2.0/x64.complete"])(
  "nothing is written through a link that a step has put at %s",
  (path) => {
    const elsewhere = join(dir, "elsewhere");
    const isFolder = !path.endsWith(".complete");
    if (isFolder) mkdirSync(elsewhere);
    mkdirSync(dirname(join(box, path)), { recursive: true });
    symlinkSync(elsewhere, join(box, path));
    expect(linkTools(box, true, machine)).toBe(0);
    expect(isFolder ? readdirSync(elsewhere) : existsSync(elsewhere)).toEqual(isFolder ? [] : false);
  },
);

test("nothing that unsandboxed steps could change for the boxes of others, and nothing from nowhere", () => {
  expect(linkTools(box, false, machine)).toBe(0);
  expect(linkTools(box, true, join(dir, "gone"))).toBe(0);
});

test("for steps without a sandbox what none of them could change", () => {
  expect(linkTools(box, false, machine, (path) => path.endsWith("x64.complete"))).toBe(0);
  expect(linkTools(box, false, machine, () => false)).toBe(1);
});
