import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { pktLine } from "../../runner-bootstrap/boxd/sync/pkt-line.ts";
import type { SyncStage } from "./sync-stage.ts";
import { openSyncStage } from "./sync-stage.ts";

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

const TYPE = "application/x-git-upload-pack-result";
const MAX_BYTES = 64 * 1024 * 1024;

/** Lines before the pack, as a real server sends them. */
const opening = (sha: string): string =>
  `${pktLine("shallow-info\n")}${pktLine(`shallow ${sha}\n`)}0001${pktLine("packfile\n")}`;

const inBand = (band: number, bytes: Buffer): Buffer => {
  const length = (bytes.length + 5).toString(16).padStart(4, "0");
  return Buffer.concat([Buffer.from(length), Buffer.from([band]), bytes]);
};

describe("a server that answers boxd's own request wrongly", () => {
  let stage: SyncStage;
  let second: string;

  beforeEach(async () => {
    stage = await openSyncStage();
    stage.repository.write({ "a.txt": "one\n", "b.txt": "kept\n" });
    await stage.run(stage.repository.commit("first"), "true");
    stage.repository.write({ "a.txt": "two\n", "c/d.txt": "new\n" });
    second = stage.repository.commit("second");
  });
  afterEach(async () => stage.close());

  const packOf = (...names: readonly string[]): Buffer =>
    execFileSync("git", ["-C", join(stage.dir, "src"), "pack-objects", "-q", "--stdout"], {
      input: names.map((name) => `${stage.repository.git("rev-parse", name)}\n`).join(""),
    });
  const whole = (): Buffer => packOf("HEAD", "HEAD^{tree}", "HEAD:a.txt", "HEAD:c", "HEAD:c/d.txt");
  const with200 = (...parts: readonly (Buffer | string)[]): Answer => {
    const body = Buffer.concat(parts.map((part) => Buffer.from(part)));
    return (_request, response) => response.writeHead(200, { "content-type": TYPE }).end(body);
  };
  /** The command runs at the right commit, whatever boxd was told at first. */
  const comesRight = async (answer: Answer): Promise<void> => {
    stage.server.interfere(answer);
    const line = "cat a.txt b.txt c/d.txt; git status --porcelain; git rev-parse HEAD";
    expect((await stage.run(second, line)).output()).toBe(`two\nkept\nnew\n${second}\n`);
    expect(stage.server.direct.count).toBe(1);
    expect(existsSync(join(stage.gitDir, "incoming.pack"))).toBe(false);
    const fsck = ["--git-dir", stage.gitDir, "fsck", "--connectivity-only", "--no-dangling"];
    expect(execFileSync("git", fsck, { stdio: ["ignore", "pipe", "pipe"] }).toString()).toBe("");
  };

  it("is taken at its word where all is well (so that the others fail for their own reason)", async () => {
    const before = stage.server.counts.requests;
    await comesRight(with200(opening(second), inBand(2, Buffer.from("hello")), inBand(1, whole()), "0000"));
    expect(stage.server.counts.requests - before).toBe(1);
  });

  it("cuts the pack short", async () => {
    await comesRight(with200(opening(second), inBand(1, whole().subarray(0, -30)), "0000"));
  });

  it("ends before the pack's end is said", async () => {
    await comesRight(with200(opening(second), inBand(1, whole())));
  });

  it("changes a byte", async () => {
    const pack = whole();
    pack.writeUInt8(pack.readUInt8(20) ^ 1, 20);
    await comesRight(with200(opening(second), inBand(1, pack), "0000"));
  });

  it("sends another commit", async () => {
    await comesRight(
      with200(opening(second), inBand(1, packOf("HEAD~1", "HEAD~1^{tree}", "HEAD~1:a.txt")), "0000"),
    );
  });

  it.each([
    ["its files", ["HEAD", "HEAD^{tree}", "HEAD:c"]],
    ["a tree", ["HEAD", "HEAD^{tree}", "HEAD:a.txt", "HEAD:c/d.txt"]],
    ["everything but the commit", ["HEAD"]],
  ])("leaves out %s", async (_what, names) => {
    await comesRight(with200(opening(second), inBand(1, packOf(...names)), "0000"));
  });

  it("leaves out a file, where the tree was changed, too", async () => {
    stage.server.interfere(undefined);
    await stage.run(stage.repository.git("rev-parse", "HEAD~1"), "echo bad > a.txt");
    await comesRight(with200(opening(second), inBand(1, packOf("HEAD", "HEAD^{tree}", "HEAD:c")), "0000"));
  });

  it("reports an error in place of an answer", async () => {
    await comesRight(with200(pktLine("ERR upload-pack: not our ref\n")));
  });

  it("reports an error amid the pack", async () => {
    await comesRight(with200(opening(second), inBand(3, Buffer.from("out of memory")), "0000"));
  });

  it("sends sections that were not asked for", async () => {
    const uris = `${pktLine("packfile-uris\n")}${pktLine(`${second} https://elsewhere.example/x.pack\n`)}0001`;
    await comesRight(with200(uris, pktLine("packfile\n"), inBand(1, whole()), "0000"));
  });

  it("says that other commits have their parents now", async () => {
    const lines = `${pktLine("shallow-info\n")}${pktLine(`unshallow ${"1".repeat(40)}\n`)}0001`;
    await comesRight(with200(lines, pktLine("packfile\n"), inBand(1, whole()), "0000"));
  });

  it.each(["zzzz", "0003", "ffff", "<html>", ""])("sends %j", async (text) => {
    await comesRight(with200(text));
  });

  it("never ends", async () => {
    let sentBytes = 0;
    const chunk = Buffer.concat(Array.from({ length: 16 }, () => inBand(2, Buffer.alloc(65_000, 0x2e))));
    await comesRight((_request, response) => {
      response.writeHead(200, { "content-type": TYPE }).write(opening(second));
      const more = (): void => {
        while (!response.destroyed && sentBytes < MAX_BYTES * 4) {
          sentBytes += chunk.length;
          if (!response.write(chunk)) break;
        }
      };
      response.on("drain", more).on("error", () => undefined);
      more();
    });
    expect(sentBytes).toBeLessThan(MAX_BYTES * 2);
  }, 60_000);

  it("sends it elsewhere, where the token must not go", async () => {
    let asked = 0;
    const elsewhere = createServer((_request, response) => {
      asked += 1;
      response.end();
    });
    await new Promise<void>((resolve) => elsewhere.listen(0, "127.0.0.1", resolve));
    const { port } = elsewhere.address() as AddressInfo;
    try {
      await comesRight((_request, response) =>
        response.writeHead(307, { location: `http://127.0.0.1:${port}/o/r.git/git-upload-pack` }).end(),
      );
      expect(asked).toBe(0);
    } finally {
      elsewhere.close();
    }
  });

  it("fails", async () => {
    await comesRight((_request, response) => response.writeHead(500).end());
  });

  it("hangs up", async () => {
    await comesRight((request) => request.destroy());
  });

  it("speaks the oldest protocol only", async () => {
    stage.server.speakOldest();
    const front = await stage.run(second, "cat a.txt");
    expect(front.output()).toBe("two\n");
    expect(stage.server.direct.count).toBe(1);
  });

  it("is silent: a cancelled run does not wait for it", async () => {
    stage.server.interfere(() => undefined);
    const task = { ...stage.task(second, "echo never"), deadlineAt: Date.now() + 3_000 };
    const front = stage.box.start(task);
    await front.done;
    expect(front.exit()).toMatchObject({ executed: false });
    expect(front.output()).toBe("");
  });
});
