import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { bundleBoxd } from "../../runner-bootstrap/bundle.ts";

const script = readFileSync(new URL("../../runner-bootstrap/install.sh", import.meta.url), "utf8");
const sha256 = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");

describe("install.sh", () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "boxd-install-"));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const install = (
    files: readonly { name: string; bytes: Buffer; sha: string }[],
    path = `${process.execPath.replace(/\/[^/]*$/, "")}:/usr/bin:/bin`,
    more: Readonly<Record<string, string>> = {},
  ): { status: number | null; stdout: string; stderr: string } =>
    spawnSync(
      "/bin/sh",
      [
        "-c",
        script,
        "install",
        ...files.flatMap(({ name, bytes, sha }) => [name, String(bytes.length), sha]),
      ],
      {
        input: Buffer.concat(files.map((file) => file.bytes)),
        env: { PATH: path, CRABBOX_ROOT: root, HOME: root, ...more },
        encoding: "utf8",
      },
    );

  it("puts boxd and its interpreter into the root, and boxd runs with the node it names", async () => {
    const bundle = await bundleBoxd();
    const done = install([bundle, bundle.hydrate]);
    expect(done.status).toBe(0);
    const node = /^node=(.+)\n$/.exec(done.stdout)?.[1] ?? "";
    const status = spawnSync(node, [join(root, bundle.name), "status"], {
      env: { CRABBOX_ROOT: root, PATH: "/usr/bin:/bin" },
      encoding: "utf8",
    });
    expect(JSON.parse(status.stdout)).toMatchObject({ v: 2, boxd: bundle.name });
    expect(existsSync(join(root, bundle.hydrate.name))).toBe(true);
  });

  it("gives no name to what did not arrive as announced", () => {
    const bytes = Buffer.from("content");
    expect(install([{ name: "boxd-x.mjs", bytes, sha: sha256(Buffer.from("other")) }]).status).toBe(98);
    expect(install([{ name: "../boxd-x.mjs", bytes, sha: sha256(bytes) }]).status).toBe(98);
    expect(readdirSync(root)).toEqual([]);
  });

  it("copies the machine's own node that it is told of, where no other is new enough", () => {
    const near = join(root, "near");
    writeFileSync(near, "#!/bin/sh\ncase $2 in *split*) echo 99 ;; *) echo 99.1.2 ;; esac\n", {
      mode: 0o755,
    });
    const asking = (more: Readonly<Record<string, string>>) => install([], undefined, more);
    expect(asking({ CRABBOX_NODE_MIN: "99" }).status).toBe(97);
    expect(asking({ CRABBOX_NODE: near }).stdout).not.toContain(root);
    for (const wrong of [root, join(root, "none"), "/bin/false"])
      expect(asking({ CRABBOX_NODE_MIN: "99", CRABBOX_NODE: wrong }).status).toBe(97);
    expect(asking({ CRABBOX_NODE_MIN: "100", CRABBOX_NODE: near }).status).toBe(97);
    const copy = join(root, "node-v99.1.2");
    expect(existsSync(copy)).toBe(false);
    const told = { CRABBOX_NODE_MIN: "99", CRABBOX_NODE: near };
    expect(asking(told)).toMatchObject({ status: 0, stdout: `node=${copy}\n` });
    rmSync(near);
    expect(asking(told)).toMatchObject({ status: 0, stdout: `node=${copy}\n` });
    expect(readdirSync(root)).toEqual(["node-v99.1.2"]);
  });

  it("unpacks a shipped node and prefers it; without any says what was found", () => {
    // A machine without node: only the tools that the script itself needs.
    const bin = join(root, "bin");
    mkdirSync(bin);
    for (const tool of [
      "mkdir",
      "rm",
      "mv",
      "chmod",
      "dd",
      "sha256sum",
      "cut",
      "gzip",
      "getconf",
      "ls",
      "tr",
      "uname",
    ])
      symlinkSync(`/usr/bin/${tool}`, join(bin, tool));
    const none = install([], bin);
    if (existsSync("/usr/bin/node") || existsSync("/usr/local/bin/node"))
      expect(none.stdout).toMatch(/^node=\//);
    else {
      expect(none.status).toBe(97);
      expect(none.stdout).toMatch(/^node=none found=node:none,libc:/);
    }
    const bytes = gzipSync(`#!/bin/sh\nexec ${process.execPath} "$@"\n`);
    const done = install([{ name: "node-24-test.gz", bytes, sha: sha256(bytes) }], bin);
    expect(done.stdout).toBe(`node=${join(root, "node-24-test")}\n`);
    writeFileSync(join(root, "node-24-test"), "#!/bin/sh\necho 18\n");
    expect(install([], bin).stdout).not.toContain("node-24-test");
  });
});
