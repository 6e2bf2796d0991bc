import { describe, expect, it } from "vitest";
import { installFiles } from "../../app/hydrate/install-files.ts";
import { carried, composite, parallel, planOf, run, uses } from "./engine/plans.ts";

const none = installFiles(planOf([run("make")]));

describe("the files that a set-up may install from", () => {
  it.each([
    "package-lock.json",
    "a/b/pnpm-lock.yaml",
    "yarn.lock",
    "bun.lock",
    "go.sum",
    "Cargo.lock",
    "poetry.lock",
    "uv.lock",
    "requirements.txt",
    "requirements-dev.txt",
    "dev-requirements.txt",
    "requirements/base.in",
    "Gemfile.lock",
    "composer.lock",
    "pom.xml",
    "gradle.lockfile",
    "gradle/libs.versions.toml",
    "gradle/wrapper/gradle-wrapper.properties",
    "packages.lock.json",
    "mix.lock",
    ".tool-versions",
    ".nvmrc",
    ".python-version",
    "rust-toolchain",
  ])("are %s", (path) => expect(none(path)).toBe(true));

  it.each(["src/package.ts", "README.md", "lock", "requirements.md", "a/pom.xml.bak", "go.summary"])(
    "are not %s",
    (path) => expect(none(path)).toBe(false),
  );

  it("are those that a step names in its script or its inputs, nested ones too", () => {
    const actions = { a: carried("acme/a", "a", { runs: composite([run("./in/composite.sh")]) }) };
    const steps = [
      run('bash ./ci/install.sh && cat "tools/list" | xargs'),
      uses("a", { script: "setup/prepare.py", "node-version-file": "tools/node" }),
      parallel([run("sh parallel.sh")]),
    ];
    const counts = installFiles(planOf(steps, { actions }));
    const named = "ci/install.sh tools/list setup/prepare.py tools/node in/composite.sh parallel.sh";
    expect(named.split(" ").filter((path) => !counts(path))).toEqual([]);
    expect(counts("ci/other.sh")).toBe(false);
  });

  it("are those that hashFiles and path inputs choose, by their patterns", () => {
    const steps = [
      run("true", { if: "hashFiles('**/deps/*.lst', 'one?.txt') != ''" }),
      uses("a", { "cache-dependency-path": "web/**/locked\n!web/not\nwhole-folder", key: "*" }),
    ];
    const counts = installFiles(planOf(steps));
    for (const path of [
      "deps/a.lst",
      "x/y/deps/b.lst",
      "one1.txt",
      "web/locked",
      "web/a/b/locked",
      "whole-folder/x",
    ])
      expect([path, counts(path)]).toEqual([path, true]);
    for (const path of ["deps/in/a.lst", "one12.txt", "anything", "web/a/locked2", "sub/one1.txt"])
      expect([path, counts(path)]).toEqual([path, false]);
  });

  it("are found in no more than moments, whatever a workflow's pattern says", () => {
    const counts = installFiles(planOf([uses("a", { "cache-dependency-path": `${"*a".repeat(200)}b` })]));
    for (let n = 0; n < 2_000; n += 1) counts(`${"a".repeat(200)}${n}`);
    expect(counts("b")).toBe(false);
  });
});
