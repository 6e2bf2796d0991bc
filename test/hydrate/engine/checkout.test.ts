import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { runJob } from "../../../runner-bootstrap/boxd/steps/engine/run-job.ts";
import { type Bench, openBench } from "./local-host.ts";
import { carried, planOf, run, SHA, uses } from "./plans.ts";

let bench: Bench;
let git: string;

beforeEach(() => {
  bench = openBench();
  git = join(bench.host.places.workspace, ".git");
  mkdirSync(git);
  writeFileSync(join(git, "HEAD"), `${SHA}\n`);
  const directory = join(bench.host.places.actions, "checkout");
  mkdirSync(directory);
  writeFileSync(join(directory, "main.js"), 'console.log("for real")');
  writeFileSync(join(directory, "post.js"), 'console.log("post")');
});

afterEach(() => {
  bench.remove();
});

const inputs = Object.fromEntries(
  Object.entries({
    repository: "${{ github.repository }}",
    ref: "",
    path: "",
    submodules: "false",
    lfs: "false",
    "fetch-depth": "1",
  }).map(([name, text]) => [name, { required: false, default: text }]),
);

const checkout = carried("actions/checkout", "checkout", {
  inputs,
  runs: { using: "node24", main: "main.js", post: "post.js" },
});

const attempt = async (given: Record<string, string>): Promise<string> => {
  await runJob(
    planOf(
      [
        uses("checkout", given, { id: "c" }),
        run("echo ${{ steps.c.outputs.ref }} ${{ steps.c.outputs.commit }}"),
      ],
      {
        actions: { checkout },
      },
    ),
    bench.host,
  );
  return bench.log();
};

describe("actions/checkout", () => {
  it.each([
    ["nothing", {}],
    ["the own repository in other letters", { repository: "Octo/Repo" }],
    ["the commit", { ref: SHA }],
    ["the event's ref", { ref: "${{ github.ref }}" }],
    ["all history, which is there", { "fetch-depth": "0" }],
    ["the workspace by name", { path: "./" }],
  ])("is answered when it asks for %s", async (_, given) => {
    const log = await attempt(given);
    expect(log).toContain(`The workspace holds octo/repo at ${SHA} already`);
    expect(log).toMatch(new RegExp(`\n\\S+ ${SHA}\n$`));
    expect(log).not.toContain("post");
  });

  it.each([
    ["another repository", { repository: "octo/other" }],
    ["another ref", { ref: "v1" }],
    ["another commit", { ref: SHA.replaceAll("0", "f") }],
    ["a path", { path: "sub" }],
    ["submodules", { submodules: "recursive" }],
    ["large files", { lfs: "true" }],
  ])("runs when it asks for %s", async (_, given) => {
    expect(await attempt(given)).toBe("for real\n\npost\n");
  });

  it.each([
    ["is answered for the branch that is checked out", "feature/cart", "refs/heads/feature/cart", false],
    ["runs for a branch of another name", "cart", "refs/heads/feature/cart", true],
    ["runs for the branch when it is no longer checked out", "feature/cart", null, true],
  ])("%s", async (_, ref, head, isRun) => {
    writeFileSync(join(git, "HEAD"), head === null ? `${SHA}\n` : `ref: ${head}\n`);
    expect((await attempt({ ref })).includes("for real")).toBe(isRun);
  });

  it.each([
    ["is answered", "the branch's file says so", ["refs/heads/a", SHA], false],
    ["is answered", "the packed refs say so", ["packed-refs", `# pack-refs\n${SHA} refs/heads/a`], false],
    ["is answered", "the branch has no commit yet", null, false],
    ["runs", "the branch is at another commit", ["refs/heads/a", SHA.replaceAll("0", "f")], true],
  ] as const)("%s when %s", async (_verb, _why, file, isRun) => {
    mkdirSync(join(git, "refs", "heads"), { recursive: true });
    writeFileSync(join(git, "HEAD"), "ref: refs/heads/a\n");
    if (file !== null) writeFileSync(join(git, file[0]), `${file[1]}\n`);
    expect((await attempt({})).includes("for real")).toBe(isRun);
  });

  it("runs once a step has gone to another commit, or has removed everything", async () => {
    writeFileSync(join(git, "HEAD"), `${SHA.replaceAll("0", "f")}\n`);
    expect(await attempt({})).toContain("for real");
    rmSync(git, { recursive: true });
    expect(await attempt({})).toContain("for real");
  });

  it("runs for all history when there is only one commit", async () => {
    writeFileSync(join(git, "shallow"), "");
    expect(await attempt({ "fetch-depth": "0" })).toContain("for real");
  });
});
