import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chownSync, mkdirSync, mkdtempSync, rmSync, chmodSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";

export type PlainUser = {
  readonly name: string;
  readonly uid: number;
  readonly home: string;
  /** Kills what the user still runs and removes it with its home; the same-user stand-in only loses its directory. */
  remove(): void;
};

const USERADD_TIMEOUT_MS = 20_000;

/** Whether this process may make users of its own. */
export function canMakeUsers(): boolean {
  return process.getuid?.() === 0;
}

/**
 * A user without any right for one test, home in the temporary directory. Where the tests do not run as root it is the
 * tests' own user (whose real home sshd then uses).
 */
export function makePlainUser(): PlainUser {
  if (!canMakeUsers()) {
    const { username, uid, homedir } = userInfo();
    return { name: username, uid, home: homedir, remove: () => undefined };
  }
  const name = `cbx${randomBytes(4).toString("hex")}`;
  const parent = mkdtempSync(join(tmpdir(), "cbx-user-"));
  chmodSync(parent, 0o755);
  const home = join(parent, "home");
  // A password of `*` matches nothing yet is not "locked", which sshd without PAM refuses.
  run("useradd", ["--no-create-home", "--home-dir", home, "--shell", "/bin/bash", "--password", "*", name]);
  const uid = Number(run("id", ["-u", name]).trim());
  const gid = Number(run("id", ["-g", name]).trim());
  mkdirSync(home, { mode: 0o700 });
  chownSync(home, uid, gid);
  return {
    name,
    uid,
    home,
    remove: () => {
      killAllOf(uid);
      rmSync(parent, { recursive: true, force: true });
      run("userdel", ["--force", name]);
    },
  };
}

function killAllOf(uid: number): void {
  try {
    run("pkill", ["-KILL", "-U", String(uid)]);
  } catch {
    // Exit 1: nothing of that user runs, which is the aim.
    return;
  }
}

function run(command: string, args: readonly string[]): string {
  return execFileSync(command, args, {
    encoding: "utf8",
    timeout: USERADD_TIMEOUT_MS,
    stdio: ["ignore", "pipe", "ignore"],
  });
}
