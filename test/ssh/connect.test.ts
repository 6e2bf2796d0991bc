import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";

import { createSystemClock } from "../../app/clock.ts";
import { AppError } from "../../app/errors.ts";
import { connect } from "../../app/ssh/connect.ts";
import { sshFailureOf } from "../../app/ssh/failure.ts";
import { shellCommand } from "../../app/ssh/quote.ts";
import { makePlainUser } from "../servers/plain-user.ts";
import { startSshd } from "../servers/sshd.ts";

import type { BoxAddress } from "../../providers/provider.ts";
import type { PlainUser } from "../servers/plain-user.ts";
import type { Sshd } from "../servers/sshd.ts";
import type { AddressInfo } from "node:net";

const deps = { clock: createSystemClock() };
let sshd: Sshd;
let user: PlainUser;

beforeAll(async () => {
  user = makePlainUser();
  sshd = await startSshd();
});
afterAll(async () => {
  await sshd.stop();
  user.remove();
});

function address(change: Partial<BoxAddress> = {}): BoxAddress {
  return {
    host: "127.0.0.1",
    port: sshd.port,
    user: user.name,
    hostKey: sshd.hostKey,
    keyFile: sshd.keyFile,
    root: ".crabbox",
    ...change,
  };
}

async function failure(promise: Promise<unknown>): Promise<AppError> {
  const error = await promise.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(AppError);
  return error as AppError;
}

describe("connect", () => {
  test("runs a command with stdin, stdout, stderr and its exit code", async () => {
    const connection = await connect(deps, address());
    const exec = await connection.exec(shellCommand('cat; echo "$1" >&2; exit 7', ["it's $HOME"]));
    exec.stdin.end("to the box");
    const out = await exec.stdout.toArray();
    expect(Buffer.concat(out as Buffer[]).toString()).toBe("to the box");
    expect(await exec.exit).toEqual({ kind: "code", code: 7 });
    expect(exec.stderr()).toBe("it's $HOME\n");
    connection.close();
    await connection.closed;
    expect(connection.open).toBe(false);
  });

  test("tells a signal from a code", async () => {
    const connection = await connect(deps, address());
    const exec = await connection.exec(shellCommand("kill -SEGV $$"));
    exec.stdout.resume();
    expect(await exec.exit).toEqual({ kind: "signal", signal: "SIGSEGV" });
    connection.close();
  });

  test("learns an unknown host key once and refuses to use it when it cannot be kept", async () => {
    const learned: string[] = [];
    const learnHostKey = async (_: BoxAddress, key: string) => void learned.push(key);
    (await connect({ ...deps, learnHostKey }, address({ hostKey: null }))).close();
    expect(learned).toEqual([sshd.hostKey]);
    const cannotKeep = async () => Promise.reject(new AppError("store_failed", "full", "free some"));
    const error = await failure(connect({ ...deps, learnHostKey: cannotKeep }, address({ hostKey: null })));
    expect(error.code).toBe("store_failed");
  });

  test("refuses a changed host key", async () => {
    const old = sshd.hostKey;
    await sshd.changeHostKey();
    const error = await failure(connect(deps, address({ hostKey: old })));
    expect(error.code).toBe("host_key_changed");
    expect(sshFailureOf(error)).toBe("host_key");
  });

  test("names a key the box does not accept, and one that is none", async () => {
    const stranger = await startSshd();
    const refused = await failure(connect(deps, address({ keyFile: stranger.keyFile })));
    expect([refused.code, sshFailureOf(refused)]).toEqual(["ssh_failed", "auth"]);
    await stranger.stop();
    const junk = join(sshd.dir, "junk");
    writeFileSync(junk, "not a key");
    expect(sshFailureOf(await failure(connect(deps, address({ keyFile: junk }))))).toBe("key_file");
    expect(sshFailureOf(await failure(connect(deps, address({ keyFile: "/no/such" }))))).toBe("key_file");
  });

  test("names a refused port, a name that does not resolve and a host that never answers", async () => {
    const quick = { clock: { now: () => Date.now(), sleep: async () => undefined } };
    const silent = createServer((socket) => void socket.resume());
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const { port } = silent.address() as AddressInfo;
    const ended = AbortSignal.timeout(300);
    await expect(connect(quick, address({ port }), ended)).rejects.toMatchObject({ name: "TimeoutError" });
    await new Promise((resolve) => silent.close(resolve));
    expect(sshFailureOf(await failure(connect(quick, address({ port }))))).toBe("refused");
    const error = await failure(connect(quick, address({ host: "no-such-host.invalid" })));
    expect(sshFailureOf(error)).toBe("dns");
    expect(error.hint).toContain("host name");
  });
});
