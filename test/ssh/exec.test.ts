import { afterAll, beforeAll, expect, test } from "vitest";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";

import { createSystemClock } from "../../app/clock.ts";
import { connect } from "../../app/ssh/connect.ts";
import { createLoadedChannel } from "../../app/ssh/loaded.ts";
import { shellCommand } from "../../app/ssh/quote.ts";
import { makePlainUser } from "../servers/plain-user.ts";
import { startSshd } from "../servers/sshd.ts";
import { startTcpProxy } from "../servers/tcp-proxy.ts";

import type { SshConnection } from "../../app/ssh/connect.ts";
import type { PlainUser } from "../servers/plain-user.ts";
import type { Sshd } from "../servers/sshd.ts";
import type { TcpProxy } from "../servers/tcp-proxy.ts";

/** ssh2's window is 2 MiB; sockets and the proxy hold a few more. */
const IN_FLIGHT_BYTES = 24 * 1024 * 1024;

let sshd: Sshd;
let user: PlainUser;
let proxy: TcpProxy;

beforeAll(async () => {
  user = makePlainUser();
  sshd = await startSshd();
  proxy = await startTcpProxy({ port: sshd.port });
});
afterAll(async () => {
  await proxy.stop();
  await sshd.stop();
  user.remove();
});

function open(): Promise<SshConnection> {
  return connect(
    { clock: createSystemClock() },
    {
      host: "127.0.0.1",
      port: proxy.port,
      user: user.name,
      hostKey: sshd.hostKey,
      keyFile: sshd.keyFile,
      root: ".crabbox",
    },
  );
}

test("a cut in the middle of a stream ends the exec as lost and the connection as closed", async () => {
  const connection = await open();
  const exec = await connection.exec(shellCommand("exec cat /dev/zero"));
  proxy.cutAt(proxy.bytesDown + 1_000_000);
  let bytes = 0;
  exec.stdout.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
  });
  expect(await exec.exit).toEqual({ kind: "lost" });
  await connection.closed;
  expect(bytes).toBeGreaterThan(0);
  await expect(connection.exec("true")).rejects.toMatchObject({ code: "link_lost" });
});

test("a reader that does not read stops the command instead of filling memory", async () => {
  const connection = await open();
  const exec = await connection.exec(shellCommand("exec cat /dev/zero"));
  const before = proxy.bytesDown;
  let last = -1;
  while (last !== proxy.bytesDown) {
    last = proxy.bytesDown;
    await delay(300);
  }
  expect(proxy.bytesDown - before).toBeLessThan(IN_FLIGHT_BYTES);
  expect(exec.stdout.readableLength).toBeLessThan(IN_FLIGHT_BYTES);
  exec.stdout.once("data", () => undefined);
  await once(exec.stdout, "data");
  exec.close();
  await exec.exit;
  connection.close();
});

test("an abort lets go of the channel and leaves the connection usable", async () => {
  const connection = await open();
  const stop = new AbortController();
  const exec = await connection.exec(shellCommand("exec sleep 600"), { signal: stop.signal });
  stop.abort();
  await exec.exit;
  await expect(connection.exec("true", { signal: stop.signal })).rejects.toBeDefined();
  const next = await connection.exec(shellCommand("echo alive"));
  expect(Buffer.concat((await next.stdout.toArray()) as Buffer[]).toString()).toBe("alive\n");
  connection.close();
});

test("stderr is kept by its end only", async () => {
  const connection = await open();
  const exec = await connection.exec(
    shellCommand("head -c 300000 /dev/zero | tr '\\\\0' x >&2; echo reason >&2"),
  );
  exec.stdout.resume();
  await exec.exit;
  expect(exec.stderr().length).toBeLessThan(20_000);
  expect(exec.stderr().endsWith("reason\n")).toBe(true);
  connection.close();
});

test("a command that ended is known to have, before anybody reads what it wrote", async () => {
  const connection = await open();
  const exec = await connection.exec(shellCommand("echo unread; exit 97"));
  await exec.whenEnded;
  expect(exec.ended).toBe(true);
  exec.stdout.resume();
  expect(await exec.exit).toEqual({ kind: "code", code: 97 });
  connection.close();
});

// Less than what a front that says nothing is waited for.
test("a front that is not there ends the wait for it at once", { timeout: 12_000 }, async () => {
  const connection = await open();
  const loaded = createLoadedChannel();
  await loaded.load(async () => ({
    connection,
    exec: await connection.exec(shellCommand("echo unread; exit 97")),
  }));
  expect(loaded.take()).toBeNull();
  connection.close();
});
