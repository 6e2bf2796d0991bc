import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { SyncStage } from "./sync-stage.ts";
import { openSyncStage, wayOf } from "./sync-stage.ts";

/** Text that no delta shortens, the same each time. */
const LINES = Array.from({ length: 3_000 }, (_, n) => `${n} ${(n * 2_654_435_761).toString(36)}\n`);

describe("one more commit by one request of boxd's own", () => {
  let stage: SyncStage;
  let first: string;

  beforeEach(async () => {
    stage = await openSyncStage();
    stage.repository.write({ "a.txt": "one\n", "large.txt": LINES.join("") });
    first = stage.repository.commit("first");
    expect((await stage.run(first, "cat a.txt")).output()).toBe("one\n");
    // Nothing is here that a difference could be told from: git's own fetch.
    expect(stage.server.direct.count).toBe(0);
  });
  afterEach(async () => stage.close());

  const requests = async (work: () => Promise<unknown>): Promise<number> => {
    const before = stage.server.counts.requests;
    await work();
    return stage.server.counts.requests - before;
  };
  const fsck = (): string =>
    execFileSync("git", ["--git-dir", stage.gitDir, "fsck", "--connectivity-only", "--no-dangling"], {
      stdio: ["ignore", "pipe", "pipe"],
    }).toString();

  it("brings a difference, proves it, keeps it, and asks nobody the next time", async () => {
    stage.repository.write({ "large.txt": [...LINES, "and one\n"].join(""), "b.txt": "two\n" });
    const second = stage.repository.commit("second");
    const line = "tail -n1 large.txt; cat b.txt; git status --porcelain; git log --format=%s";
    const sent = await requests(async () => {
      const front = await stage.run(second, line);
      expect(front.output()).toBe("and one\ntwo\nsecond\n");
      expect(wayOf(front)).toBe("updated");
    });
    expect([sent, stage.server.direct.count]).toEqual([1, 1]);
    expect(readFileSync(join(stage.gitDir, "refs/crabbox", second), "latin1").trim()).toBe(second);
    expect(fsck()).toBe("");
    expect(
      await requests(async () => {
        expect(wayOf(await stage.run(second, line))).toBe("unchanged");
        expect(wayOf(await stage.run(first, line))).toBe("updated");
      }),
    ).toBe(0);
  });

  it("keeps a pack where many objects come", async () => {
    stage.repository.write(Object.fromEntries(LINES.slice(0, 150).map((text, n) => [`many/${n}.txt`, text])));
    const front = await stage.run(stage.repository.commit("many"), "cat many/149.txt; ls many | wc -l");
    expect(front.output()).toBe(`${LINES[149] ?? ""}150\n`);
    expect(wayOf(front)).toBe("updated");
    expect(stage.server.direct.count).toBe(1);
    expect(fsck()).toBe("");
  });

  it("follows a rewritten history", async () => {
    stage.repository.git("checkout", "-q", "--orphan", "again");
    stage.repository.write({ "a.txt": "rewritten\n" });
    const orphan = stage.repository.commit("orphan");
    const front = await stage.run(orphan, "cat a.txt; git log --format=%s; git rev-parse HEAD");
    expect(front.output()).toBe(`rewritten\norphan\n${orphan}\n`);
    expect(stage.server.direct.count).toBe(1);
    expect((await stage.run(first, "cat a.txt")).output()).toBe("one\n");
  });

  it("says only what is kept, and forgets the rest", async () => {
    const commits = Array.from({ length: 20 }, (_, n) => {
      stage.repository.write({ "a.txt": `${n}\n` });
      return stage.repository.commit(`${n}`);
    });
    const refs = commits.map((sha) => `+${sha}:refs/crabbox/${sha}`);
    const bare = join(stage.dir, "srv/o/r.git");
    execFileSync("git", ["--git-dir", stage.gitDir, "fetch", "-q", "--depth=1", `file://${bare}`, ...refs]);
    stage.repository.write({ "a.txt": "last\n" });
    const front = await stage.run(stage.repository.commit("last"), "cat a.txt; git log --format=%s");
    expect(front.output()).toBe("last\nlast\n");
    expect(stage.server.direct.count).toBe(1);
    const lines = readFileSync(join(stage.gitDir, "shallow"), "latin1").trim().split("\n");
    expect(lines.length).toBeLessThanOrEqual(17);
    expect(fsck()).toBe("");
  });

  it("proves all of a commit before it is kept, where the tree was changed", async () => {
    await stage.run(first, "echo bad > a.txt; echo worse > untracked");
    stage.repository.write({ "b.txt": "two\n" });
    const second = stage.repository.commit("second");
    const front = await stage.run(second, "cat a.txt b.txt; ls; git status --porcelain");
    expect(front.output()).toBe("one\ntwo\na.txt\nb.txt\nlarge.txt\n");
    expect(wayOf(front)).toBe("checked_out");
    expect(stage.server.direct.count).toBe(1);
    expect(existsSync(join(stage.gitDir, "refs/crabbox", second))).toBe(true);
  });

  it("writes files anew that other attributes give other bytes", async () => {
    stage.repository.write({ ".gitattributes": "a.txt text eol=crlf\n" });
    const front = await stage.run(stage.repository.commit("attributes"), "cat a.txt; git status --porcelain");
    expect(front.output()).toBe("one\r\n");
    expect(wayOf(front)).toBe("checked_out");
  });

  it("brings a submodule's next commit the same way", async () => {
    const lib = stage.another("o/lib.git");
    lib.write({ "l.txt": "one\n" });
    const point = (sha: string): string => {
      stage.repository.write({ ".gitmodules": '[submodule "lib"]\n\tpath = lib\n\turl = ../lib.git\n' });
      stage.repository.git("update-index", "--add", "--cacheinfo", `160000,${sha},lib`);
      stage.repository.git("add", ".gitmodules");
      stage.repository.git("commit", "-q", "-m", "point");
      stage.repository.git("push", "-q", "-f", join(stage.dir, "srv/o/r.git"), "HEAD:main");
      return stage.repository.git("rev-parse", "HEAD");
    };
    await stage.run(point(lib.commit("lib")), "true");
    lib.write({ "l.txt": "two\n" });
    const next = point(lib.commit("lib two"));
    const sent = await requests(async () => {
      expect((await stage.run(next, "cat lib/l.txt; git status --porcelain")).output()).toBe("two\n");
    });
    expect(sent).toBe(2);
  });
});

describe("where git reaches the network in another way", () => {
  it("leaves it to git", async () => {
    const stage = await openSyncStage({ http_proxy: "http://127.0.0.1:9", no_proxy: "127.0.0.1" });
    try {
      for (const text of ["one\n", "two\n"]) {
        stage.repository.write({ "a.txt": text });
        expect((await stage.run(stage.repository.commit(text), "cat a.txt")).output()).toBe(text);
      }
      expect(stage.server.direct.count).toBe(0);
    } finally {
      await stage.close();
    }
  });
});
