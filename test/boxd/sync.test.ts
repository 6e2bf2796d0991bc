import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { SyncPhase } from "../../runner-bootstrap/boxd/task.ts";
import type { Box, Following } from "./box.ts";
import { PLAIN_UID, makeBox, taskOf } from "./box.ts";
import type { GitServer } from "./git-server.ts";
import { startGitServer } from "./git-server.ts";
import type { Repository } from "./repository.ts";
import { makeRepository } from "./repository.ts";

const isRoot = process.getuid?.() === 0;
const users = [["this user", undefined] as const, ...(isRoot ? [["a plain user", PLAIN_UID] as const] : [])];

describe.each(users)("sync as %s", (_name, uid) => {
  let dir: string;
  let server: GitServer;
  let repository: Repository;
  let box: Box;
  let first: string;
  let second: string;

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), "boxd-sync-"));
    server = await startGitServer(join(dir, "srv"));
    repository = makeRepository(join(dir, "src"), server.bare("o/r.git"));
    repository.write({
      "a.txt": "one\n",
      "sub/b.txt": "two\n",
      ".gitignore": "ignored\nnode_modules\n",
      "run.sh": "echo run\n",
    });
    first = repository.commit("first");
    repository.write({ "a.txt": "changed\n", "new.txt": "new\n" });
    repository.remove("sub/b.txt");
    second = repository.commit("second");
    box = await makeBox(uid === undefined ? {} : { uid });
  });
  afterAll(async () => {
    await server.close();
    box.remove();
    rmSync(dir, { recursive: true, force: true });
  });

  const run = async (
    sha: string,
    line: string,
    sync: Partial<SyncPhase> = {},
    token: string = server.token,
  ): Promise<Following> => {
    const phase: SyncPhase = {
      remote: `${server.origin}/o/r.git`,
      sha,
      keep: ["node_modules"],
      owner: "o",
      repo: "r",
      ...sync,
    };
    const front = box.start(taskOf({ line, sync: phase, syncToken: token }));
    await front.done;
    return front;
  };
  const how = (front: Following): unknown =>
    front.events().find((event) => event.e === "phase" && event.name === "sync" && event.at === "end");

  it("brings the commit, and git works in it", async () => {
    const front = await run(
      first,
      "cat a.txt sub/b.txt; git rev-parse HEAD; git status --porcelain; git log -1 --format=%s",
    );
    expect(front.output()).toBe(`one\ntwo\n${first}\nfirst\n`);
    expect(how(front)).toMatchObject({ outcome: "succeeded", detail: "checked_out" });
  });

  it("asks nobody when nothing changed", async () => {
    const before = server.counts.requests;
    const front = await run(first, "cat a.txt");
    expect(how(front)).toMatchObject({ detail: "unchanged" });
    expect(server.counts.requests).toBe(before);
  });

  it("goes to another commit and back by the difference", async () => {
    const front = await run(second, "cat a.txt new.txt; ls sub 2>&1 | wc -l; git log -1 --format=%s");
    expect(front.output()).toBe("changed\nnew\n1\nsecond\n");
    expect(how(front)).toMatchObject({ detail: "updated" });
    const before = server.counts.requests;
    expect((await run(first, "cat a.txt")).output()).toBe("one\n");
    expect(server.counts.requests).toBe(before);
  });

  it("cleans everything but the keep list", async () => {
    await run(
      first,
      "mkdir -p node_modules/x deep/er empty; touch node_modules/x/y ignored deep/er/z; git init -q nested; touch nested/f",
    );
    const front = await run(first, "find . -path ./.git -prune -o -print | sort");
    expect(front.output().split("\n").filter(Boolean)).toEqual([
      ".",
      "./.gitignore",
      "./a.txt",
      "./node_modules",
      "./node_modules/x",
      "./node_modules/x/y",
      "./run.sh",
      "./sub",
      "./sub/b.txt",
    ]);
  });

  it("undoes changes to tracked files", async () => {
    await run(first, "echo bad > a.txt; rm sub/b.txt; chmod +x run.sh; ln -sf /etc/passwd new.txt");
    const front = await run(first, "cat a.txt sub/b.txt; test -x run.sh || echo plain; ls new.txt 2>&1");
    expect(front.output()).toMatch(/^one\ntwo\nplain\nls: /);
  });

  it("is not led astray by what a command planted", async () => {
    const mark = box.path("home", "planted");
    const own = box.path("git", "o", "r.git");
    const plant = `
      printf '#!/bin/sh\ntouch ${mark}; env >> ${mark}\n' > $HOME/evil; chmod +x $HOME/evil
      for d in .git ${own}; do
        mkdir -p $d/hooks $d/info
        for h in reference-transaction post-checkout post-index-change; do cp $HOME/evil $d/hooks/$h; done
        printf '[core]\n\tfsmonitor = %s\n\thooksPath = %s\n[include]\n\tpath = /nope\n' $HOME/evil $PWD/.git/hooks >> $d/config
        echo '* filter=evil' > $d/info/attributes
        echo /nowhere > $d/objects/info/alternates
        touch $d/index.lock
      done
      echo '* filter=evil' > .gitattributes`;
    expect((await run(first, plant)).exit()).toMatchObject({ code: 0 });
    const front = await run(second, "cat a.txt");
    expect(front.output()).toBe("changed\n");
    expect(existsSync(mark)).toBe(false);
    await run(second, "rm -rf .git && ln -s /etc .git");
    expect((await run(first, "git rev-parse HEAD")).output()).toBe(`${first}\n`);
    expect(existsSync("/etc/HEAD")).toBe(false);
  });

  it.skipIf(uid === undefined)("gets rid of another user's files (needs root)", async () => {
    await run(first, "mkdir -p node_modules && touch node_modules/kept");
    mkdirSync(box.path("work/o/r/of-root/deep"), { recursive: true, mode: 0o755 });
    writeFileSync(box.path("work/o/r/of-root/deep/f"), "x");
    const front = await run(first, "ls; ls node_modules/kept; git status --porcelain");
    expect(front.output()).toBe("a.txt\nnode_modules\nrun.sh\nsub\nnode_modules/kept\n");
  });

  it.each(["--skip-worktree", "--assume-unchanged"])(
    "sees a change hidden by %s in its own index",
    async (bit) => {
      const own = box.path("git", "o", "r.git");
      const plant = `GIT_DIR=${own} GIT_WORK_TREE=$PWD git update-index ${bit} a.txt && echo hidden > a.txt`;
      expect((await run(first, plant)).exit()).toMatchObject({ code: 0 });
      expect((await run(first, "cat a.txt")).output()).toBe("one\n");
    },
  );

  it("leaves the token nowhere", async () => {
    const third = ((): string => {
      repository.write({ "c.txt": String(Math.random()) });
      return repository.commit("third");
    })();
    const front = await run(third, "env; cat .git/config; echo $TOKEN");
    expect(front.exit()).toMatchObject({ code: 0 });
    const found = execFileSync("sh", [
      "-c",
      `grep -rlaF -e '${server.token}' -e '${Buffer.from(`x-access-token:${server.token}`).toString("base64")}' '${box.root}' || true`,
    ]);
    expect(found.toString()).toBe("");
  });

  it("says token_refused, commit_missing and network apart, before the command", async () => {
    const gone = "0123456789012345678901234567890123456789";
    const refused = await run(gone, "true", {}, "ghs_wrong_token");
    expect(refused.exit()).toMatchObject({
      why: "sync_failed",
      syncReason: "token_refused",
      executed: false,
    });
    const missing = await run(gone, "true");
    expect(missing.exit()).toMatchObject({
      why: "sync_failed",
      syncReason: "commit_missing",
      executed: false,
    });
  });

  it("tries a network failure again", async () => {
    repository.write({ "d.txt": String(Math.random()) });
    const sha = repository.commit("fourth");
    server.failNext(503, 2);
    const front = await run(sha, "git rev-parse HEAD");
    expect(front.output()).toBe(`${sha}\n`);
  });
});
