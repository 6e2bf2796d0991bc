import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { resolveSubmoduleUrl } from "../../runner-bootstrap/boxd/sync/submodule-url.ts";
import type { Box, Following } from "./box.ts";
import { makeBox, taskOf } from "./box.ts";
import type { GitServer } from "./git-server.ts";
import { startGitServer } from "./git-server.ts";
import type { Repository } from "./repository.ts";
import { makeRepository } from "./repository.ts";

const hasLfs = spawnSync("git-lfs", ["version"], { stdio: "ignore" }).status === 0;

describe("sync of what repositories hold", () => {
  let dir: string;
  let server: GitServer;
  let repository: Repository;
  let box: Box;

  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), "boxd-more-"));
    server = await startGitServer(join(dir, "srv"));
    repository = makeRepository(join(dir, "src"), server.bare("o/r.git"));
    box = await makeBox();
  });
  afterEach(async () => {
    await server.close();
    box.remove();
    rmSync(dir, { recursive: true, force: true });
  });

  const run = async (sha: string, line: string): Promise<Following> => {
    const sync = { remote: `${server.origin}/o/r.git`, sha, keep: [], owner: "o", repo: "r" };
    const front = box.start(taskOf({ line, sync, syncToken: server.token }));
    await front.done;
    return front;
  };
  const submodule = (name: string, url: string, sha: string, path: string): void => {
    const entry = `[submodule "${name}"]\n\tpath = ${path}\n\turl = ${url}\n`;
    writeFileSync(join(dir, "src", ".gitmodules"), entry, { flag: "a" });
    repository.git("update-index", "--add", "--cacheinfo", `160000,${sha},${path}`);
  };
  const commitIndex = (message: string): string => {
    repository.git("add", ".gitmodules");
    repository.git("commit", "-q", "-m", message);
    repository.git("push", "-q", "-f", join(dir, "srv", "o/r.git"), "HEAD:main");
    return repository.git("rev-parse", "HEAD");
  };

  it("brings submodules, relative and of github.com, and submodules in them, from the task's own GitHub", async () => {
    const inner = makeRepository(join(dir, "inner"), server.bare("lib/inner.git"));
    inner.write({ "i.txt": "inner\n" });
    const innerSha = inner.commit("inner");
    const lib = makeRepository(join(dir, "lib"), server.bare("o/lib.git"));
    lib.write({
      "l.txt": "lib\n",
      ".gitmodules": '[submodule "in"]\n\tpath = in\n\turl = https://github.com/lib/inner.git\n',
    });
    lib.git("update-index", "--add", "--cacheinfo", `160000,${innerSha},in`);
    lib.git("add", "l.txt", ".gitmodules");
    lib.git("commit", "-q", "-m", "lib");
    lib.git("push", "-q", join(dir, "srv", "o/lib.git"), "HEAD:main");
    const libSha = lib.git("rev-parse", "HEAD");
    const plain = repository.commit("plain");
    submodule("lib", "../lib.git", libSha, "vendor/lib");
    submodule("again", "git@github.com:lib/inner.git", innerSha, "vendor/again");
    const sha = commitIndex("with submodules");

    const show =
      "cat vendor/lib/l.txt vendor/lib/in/i.txt vendor/again/i.txt; git status --porcelain; git submodule status | cut -c1-41";
    const front = await run(sha, show);
    expect(front.exit()).toMatchObject({ code: 0 });
    expect(front.output()).toBe(`lib\ninner\ninner\n ${innerSha}\n ${libSha}\n`);

    await run(sha, "echo bad > vendor/lib/l.txt; echo more > vendor/lib/in/more; rm vendor/again/i.txt");
    const before = server.counts.requests;
    expect((await run(sha, show)).output()).toBe(`lib\ninner\ninner\n ${innerSha}\n ${libSha}\n`);
    expect(server.counts.requests).toBe(before);
    expect((await run(plain, "ls -A")).output()).toBe(".git\n");
  });

  it("names the submodule it cannot have", async () => {
    submodule("private", "https://github.com/else/private.git", "1".repeat(40), "private");
    const front = await run(commitIndex("private"), "true");
    expect(front.exit()).toMatchObject({ why: "sync_failed", syncReason: "submodule", executed: false });
    expect(front.exit()?.error).toContain("submodule private");
  });

  it("refuses submodules by other ways than https", () => {
    const top = "https://github.example/o/r.git";
    expect(resolveSubmoduleUrl("../lib.git", top, top)).toBe("https://github.example/o/lib.git");
    expect(resolveSubmoduleUrl("https://github.com/a/b", top, top)).toBe("https://github.example/a/b");
    expect(resolveSubmoduleUrl("ssh://git@github.com/a/b.git", top, top)).toBe(
      "https://github.example/a/b.git",
    );
    expect(resolveSubmoduleUrl("https://gitlab.com/a/b.git", top, top)).toBe("https://gitlab.com/a/b.git");
    for (const url of [
      "file:///etc",
      "ext::sh -c id",
      "/srv/x",
      "http://a/b",
      "https://u:p@a/b",
      "-u",
      "git://a/b",
    ]) {
      expect(resolveSubmoduleUrl(url, top, top)).toBeUndefined();
    }
  });

  it.skipIf(!hasLfs)("pulls large files (needs git-lfs)", async () => {
    const content = Buffer.from("large content\n".repeat(1_000));
    const oid = createHash("sha256").update(content).digest("hex");
    const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize ${content.length}\n`;
    repository.write({
      ".gitattributes": "*.bin filter=lfs diff=lfs merge=lfs -text\n",
      "big.bin": pointer,
      "a.txt": "a\n",
    });
    const sha = repository.commit("large");
    const missing = await run(sha, "true");
    expect(missing.exit()).toMatchObject({ why: "sync_failed", syncReason: "lfs", executed: false });
    server.large.set(oid, content);
    const front = await run(sha, "sha256sum big.bin; git status --porcelain");
    expect(front.output()).toBe(`${oid}  big.bin\n`);
    const before = server.counts.requests;
    expect((await run(sha, "wc -c < big.bin")).output()).toBe(`${content.length}\n`);
    expect(server.counts.requests).toBe(before);
    repository.remove(".gitattributes");
    repository.remove("big.bin");
    expect((await run(repository.commit("none"), "ls")).output()).toBe("a.txt\n");
  });

  it("leaves line ends as the repository's attributes say", async () => {
    repository.write({
      ".gitattributes": "*.txt text\n",
      "deep/.gitattributes": "*.x -text\n",
      "deep/f.x": "x\r\n",
    });
    const front = await run(repository.commit("attributes"), "git status --porcelain; cat deep/f.x");
    expect(front.output()).toBe("x\r\n");
    expect(readFileSync(box.path("work/o/r/deep/f.x"), "latin1")).toBe("x\r\n");
  });
});
