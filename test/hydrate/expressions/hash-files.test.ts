import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { globSegment } from "../../../runner-bootstrap/boxd/steps/expressions/glob-segment.ts";
import { hashFiles } from "../../../runner-bootstrap/boxd/steps/expressions/hash-files.ts";

const FILES = {
  "package-lock.json": "{}\n",
  "apps/web/package-lock.json": '{"a":1}\n',
  "apps/web/src/a.ts": "1",
  "apps/web/src/a.test.ts": "2",
  "apps/.hidden/x.lock": "h",
  "lib/[x]/b.lock": "b",
  "lib/z.lock": "z",
  "Lib/z.lock": "Z",
};

let dir: string;
let workspace: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "hash-files-"));
  workspace = join(dir, "work");
  for (const [name, text] of Object.entries(FILES)) write(join(workspace, name), text);
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe("hashFiles", () => {
  // Answers of @actions/glob 0.7.0 (hashFiles without links) on this very tree.
  it.each([
    [["**/package-lock.json"], "e7917d715b74642eba4fe20874dd8fb04ee6485471645466a1049a616199e0e3"],
    [["**/*.lock", "!lib/**"], "bf557b88b16b1384cc3c7369710a359013f73cf56e904ab5cdf745cfc7a35b9c"],
    [["apps"], "86724ccd5fb42e706d0d1fcef05328ea6d3ab61cb7f76704f62617a152037f93"],
    [
      ["apps/web/src/*.ts", "!**/*.test.ts"],
      "9c2e4d8fe97d881430de4e754b4205b9c27ce96715231cffc4337340cb110280",
    ],
    [
      ["**", "!apps/", "apps/web/src/a.ts"],
      "72ef8a2a07fb24523574237c0da6d3f252ad76ac58cb2202f225bf71fdcd9b42",
    ],
    [["lib/\\[x\\]/*"], "39361160903c6695c6804b7157c7bd10013e9ba89b1f954243bc8e3990b08db9"],
    [["l*/[!a]*", "# no", "", "L?b"], "228a589fb2e745f9a06f45a4e07ebead186fff7e8676d1a5d018346f5b69eaaf"],
    [["nothing/**"], ""],
    [["**/.hidden/**"], "0482c58b0485e24065d49f615d61d3df8584e1c2517e810ddf161f7876b4b923"],
  ])("%s", (patterns, expected) => expect(hashFiles(workspace, patterns)).toBe(expected));

  it("is the digest of the digests, in the order of the search", () => {
    const digests = ['{"a":1}\n', "{}\n"].map((text) => createHash("sha256").update(text).digest());
    const expected = createHash("sha256").update(Buffer.concat(digests)).digest("hex");
    expect(hashFiles(workspace, ["**/package-lock.json"])).toBe(expected);
    expect(hashFiles(workspace, [`${workspace}/**/package-lock.json`])).toBe(expected);
    expect(hashFiles(workspace, ["./**/package-lock.json\n!lib"])).toBe(expected);
  });

  it("stays in the workspace, whatever patterns and links say", () => {
    const place = join(dir, "linked");
    write(join(dir, "outside/secret"), "secret");
    write(join(place, "real/file"), "file");
    symlinkSync(join(dir, "outside"), join(place, "out"));
    symlinkSync(join(dir, "outside/secret"), join(place, "out-file"));
    symlinkSync("real", join(place, "in"));
    symlinkSync("..", join(place, "real/round"));
    execFileSync("mkfifo", [join(place, "pipe")]);
    const onlyFile = hashFiles(place, ["real/file"]);
    expect(onlyFile).toHaveLength(64);
    expect(hashFiles(place, ["**"])).toBe(onlyFile);
    expect(hashFiles(place, ["out/**", "out/secret", "out-file", "/etc/passwd", "~/**", "pipe"])).toBe("");
    expect(hashFiles(place, ["in/file"])).toBe(onlyFile);
    expect(hashFiles(place, ["in/**"])).toBe("");
    expect(hashFiles(place, ["--follow-symbolic-links", "in/**", "out/**"])).toBe(onlyFile);
    expect(() => hashFiles(place, ["../outside/*"])).toThrow(". and .. are not allowed");
    expect(() => hashFiles(place, ["--no-such"])).toThrow("unknown option --no-such");
  });
});

describe("globSegment", () => {
  it.each([
    ["[[:alpha:]]x", ["ax", "éx"], ["1x", "x"]],
    ["[a-c]*", ["a", "bz"], ["d", "B"]],
    ["[^b]", ["a"], ["b", ""]],
    ["a\\*b", ["a*b"], ["axb"]],
    ["[x", ["[x"], ["x"]],
    ["{a,b}", ["{a,b}"], ["a"]],
    [".*", [".git"], ["git"]],
  ])("%s", (pattern, good, bad) => {
    const { matches } = globSegment(pattern);
    expect([good.filter(matches), bad.filter(matches)]).toEqual([good, []]);
  });

  it("finds any name by itself once its wildcards are escaped, and by itself with parts starred", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.nat(), (name, cut) => {
        const escaped = name.replaceAll(/[\\*?[]/g, "\\$&");
        expect(globSegment(escaped)).toMatchObject({ literal: name });
        const start = name.slice(0, cut % name.length).replaceAll(/[\\*?[]/g, "\\$&");
        expect(globSegment(`${start}*`).matches(name)).toBe(true);
        expect(globSegment(`${start}*?`).matches(name)).toBe(true);
      }),
    );
  });

  it("does not backtrack over many stars", () => {
    expect(globSegment("*a".repeat(2000) + "b").matches("a".repeat(4000))).toBe(false);
  });
});

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
