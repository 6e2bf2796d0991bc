import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { createSystemClock } from "../../app/clock.ts";
import { openBox } from "../../app/ssh/boxd-client.ts";
import { bundleBoxd } from "../../runner-bootstrap/bundle.ts";
import { TASK_VERSION } from "../../runner-bootstrap/boxd/task.ts";
import { makePlainUser } from "../servers/plain-user.ts";
import { startSshd } from "../servers/sshd.ts";
import { startTcpProxy } from "../servers/tcp-proxy.ts";

import type { BoxLink, BoxLinkDeps, FollowSink } from "../../app/ssh/boxd-client.ts";
import type { BoxAddress } from "../../providers/provider.ts";
import type { SshdOptions } from "../servers/sshd.ts";
import type { Task, TaskEvent } from "../../runner-bootstrap/boxd/task.ts";

export const clock = createSystemClock();

/** A real sshd with a user, behind a proxy, and links to boxd there. */
export async function boxStage(options: SshdOptions = {}) {
  const user = makePlainUser();
  const sshd = await startSshd(options);
  const proxy = await startTcpProxy({ port: sshd.port });
  const dir = mkdtempSync(join(tmpdir(), "cbx-link-"));
  const root = `.crabbox-test-${process.pid}-${sshd.port}`;
  const programs = await bundleBoxd();
  const links: BoxLink[] = [];
  const address: BoxAddress = {
    host: "127.0.0.1",
    port: proxy.port,
    user: user.name,
    hostKey: sshd.hostKey,
    keyFile: sshd.keyFile,
    root,
  };
  return {
    user,
    sshd,
    proxy,
    dir,
    address,
    rootDir: join(user.home, root),
    async open(change: Partial<BoxLinkDeps> = {}): Promise<BoxLink> {
      const link = await openBox(
        { clock, programs, programDir: join(dir, "programs"), nodePath: process.execPath, ...change },
        address,
      );
      links.push(link);
      return link;
    },
    async stop(): Promise<void> {
      await Promise.all(links.map((link) => link.close()));
      await proxy.stop();
      await sshd.stop();
      rmSync(join(user.home, root), { recursive: true, force: true });
      user.remove();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

export function taskOf(id: string, text: string): Task {
  return {
    v: TASK_VERSION,
    id,
    execute: { kind: "line", text, workingDirectory: "." },
    env: {},
    secrets: [],
    deadlineAt: Date.now() + 120_000,
    logCapBytes: 256 * 1024 * 1024,
    sandbox: "none",
  };
}

/** The App's copy of a journal: refuses gaps and doubles. */
export function createCopy() {
  const chunks: Buffer[] = [];
  const events: TaskEvent[] = [];
  let length = 0;
  const sink: FollowSink = {
    async append(bytes, journalOffset) {
      if (journalOffset !== length) throw new Error(`appended at ${journalOffset}, the copy has ${length}`);
      for (const one of bytes) {
        chunks.push(Buffer.from(one));
        length += one.length;
      }
    },
    event: (event) => void events.push(event),
  };
  return {
    sink,
    events,
    get length() {
      return length;
    },
    bytes: () => Buffer.concat(chunks),
  };
}
