import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makePlainUser } from "../servers/plain-user.ts";
import type { PlainUser } from "../servers/plain-user.ts";
import { startSshd } from "../servers/sshd.ts";
import type { Sshd } from "../servers/sshd.ts";
import { jsonLines, runDemoProcess } from "./demo-process.ts";
import { killAllOf } from "../servers/processes.ts";
import { makeRepository } from "./repository.ts";

const WITHIN_MS = 5 * 60_000;
const hasSshd = existsSync("/usr/sbin/sshd");
const temporary = mkdtempSync(join(tmpdir(), "crabbox-test-demo-"));
let sshd: Sshd;
let user: PlainUser;

describe.skipIf(!hasSshd)("--provider static-ssh against a real OpenSSH server", () => {
  beforeAll(async () => {
    sshd = await startSshd();
    user = makePlainUser();
  });
  afterAll(async () => {
    await sshd.stop();
    user.remove();
    killAllOf(temporary);
    rmSync(temporary, { recursive: true, force: true });
  });
  const options = (keyFile = sshd.keyFile) =>
    ["--once --json --provider static-ssh --host", `${user.name}@127.0.0.1:${sshd.port}`, "--key", keyFile]
      .flatMap((words) => words.split(" "))
      .concat("--comment", "/crabbox run -- cat file");

  test(
    "the first key seen is shown and pinned; the command runs over there",
    async () => {
      const { dir } = makeRepository(join(temporary, "mine"));
      const state = join(temporary, "state");
      const { code, stdout } = await runDemoProcess([...options(), "--repo", dir, "--state", state]);
      const lines = jsonLines(stdout);
      expect(lines.find(({ text }) => String(text).includes(sshd.hostKey))?.["text"]).toContain("pinned now");
      expect(
        Object.values(JSON.parse(readFileSync(join(state, "host-keys.json"), "utf8")) as object),
      ).toEqual([sshd.hostKey]);
      expect(lines.filter(({ type }) => type === "log").map(({ text }) => text)).toEqual(["second\n"]);
      expect(lines.find(({ type }) => type === "check_run")).toMatchObject({ outcome: "succeeded" });
      expect(code).toBe(0);
    },
    WITHIN_MS,
  );

  test(
    "one demo after the other, each with another repository: nothing is left on the host that stands in the way",
    async () => {
      for (const name of ["one", "two"]) {
        const { dir } = makeRepository(join(temporary, name));
        const { code, stdout } = await runDemoProcess([...options(), "--repo", dir], { TMPDIR: temporary });
        const check = jsonLines(stdout).find(({ type }) => type === "check_run");
        expect({ name, code, outcome: check?.["outcome"] }).toEqual({ name, code: 0, outcome: "succeeded" });
      }
    },
    WITHIN_MS,
  );

  test("a key that is not the named one, a login that is refused, a file that is no key: told before anything starts", async () => {
    const refused = (argv: readonly string[]) => runDemoProcess(argv, { TMPDIR: temporary });
    const other = `SHA256:${"a".repeat(43)}`;
    const wrongKey = await runDemoProcess([...options(), "--host-key", other], { TMPDIR: temporary });
    expect(wrongKey.stderr).toContain(`shows another host key: ${sshd.hostKey}, expected ${other}`);
    const noKey = join(temporary, "no-key");
    writeFileSync(noKey, "hello");
    expect((await refused(options(noKey))).stderr).toContain("cannot be used");
    expect((await refused(options(`${sshd.keyFile}.pub`))).stderr).toContain("is a public key");
    expect((await refused(options(join(temporary, "absent")))).stderr).toContain("is not there");
    const closed = await runDemoProcess(
      options().map((word) => (word.startsWith(`${user.name}@`) ? `${user.name}@127.0.0.1:1` : word)),
    );
    expect(closed.stderr).toContain("cannot be reached");
    expect(wrongKey.code).toBe(1);
    expect(readdirSync(temporary).filter((name) => name.startsWith("crabbox-demo-"))).toEqual([]);
  });
});
