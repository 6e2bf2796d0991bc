// Part of the attack: secrets and files of the App, of its machine, and of the box's own keepers. Plain JavaScript, for it runs in a
// box. Each attempt answers a word about what it reached, or null.
import {
  accessSync,
  closeSync,
  constants,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { spawnSync } from "node:child_process";
import { connect } from "node:net";
import { join } from "node:path";

const CONNECT_MS = 2_500;
const FILES_MAX = 20_000;
const FILE_MAX_BYTES = 4 * 1024 * 1024;

export function tryRead(path) {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return null;
  }
}

export function pids() {
  return readdirSync("/proc").filter((name) => /^\d+$/.test(name));
}

/** The first path that could be opened for reading, or null. */
export function readable(paths) {
  return paths.find((path) => tryRead(path) !== null) ?? null;
}

/** The first path that took a write. */
export function writable(paths, text) {
  for (const path of paths) {
    try {
      writeFileSync(path, text);
      return path;
    } catch {
      // Denied, which is the aim.
    }
  }
  return null;
}

/** The first path that may be opened for writing; nothing is written: some of these take effect at once. */
export function opensForWriting(paths) {
  for (const path of paths) {
    try {
      closeSync(openSync(path, constants.O_WRONLY));
      return path;
    } catch {
      // Denied, which is the aim.
    }
  }
  return null;
}

/** The first of some `ADDRESS:PORT`, or paths of sockets, that takes a connection. */
export async function connects(targets) {
  const found = await Promise.all(targets.map(async (target) => ((await takes(target)) ? target : null)));
  return found.find((target) => target !== null) ?? null;
}

function takes(target) {
  const at = target.lastIndexOf(":");
  const where = target.startsWith("/")
    ? { path: target }
    : { host: target.slice(0, at), port: Number(target.slice(at + 1)) };
  return new Promise((resolve) => {
    const socket = connect({ ...where, timeout: CONNECT_MS });
    const answer = (taken) => {
      socket.destroy();
      resolve(taken);
    };
    socket.once("connect", () => answer(true));
    socket.once("error", () => answer(false)).once("timeout", () => answer(false));
  });
}

/** The App's environment, in any process that is seen. */
export function appEnvironment() {
  return (
    pids().find((pid) =>
      /(?:^|\0)(?:WEBHOOK_SECRET|PRIVATE_KEY_PATH)=/.test(tryRead(`/proc/${pid}/environ`) ?? ""),
    ) ?? null
  );
}

/** A directory of the App, by its name and through the root of every process that is seen. */
export function listed(path) {
  for (const root of ["", ...pids().map((pid) => `/proc/${pid}/root`)]) {
    try {
      // A directory of that name that was made empty shows nothing.
      if (readdirSync(`${root}${path}`).includes("crabbox.sqlite")) return `${root}${path}`;
    } catch {
      // Not there, or not for us.
    }
  }
  return null;
}

/** What looks like a token of GitHub's in environments, command lines and files that can be read. */
export function token(own) {
  const pattern = /gh[sopu]_[A-Za-z0-9][A-Za-z0-9_.-]{30,}/;
  const places = pids().flatMap((pid) => [`/proc/${pid}/environ`, `/proc/${pid}/cmdline`]);
  for (const top of own) files(top, places);
  return places.find((path) => pattern.test(tryRead(path) ?? "")) ?? null;
}

function files(dir, into) {
  let entries = [];
  try {
    entries = readdirSync(dir, { withFileTypes: true });
  } catch {
    return;
  }
  for (const entry of entries) {
    const path = join(dir, entry.name);
    if (into.length > FILES_MAX) return;
    if (entry.isDirectory()) files(path, into);
    else if (entry.isFile() && statSync(path).size < FILE_MAX_BYTES) into.push(path);
  }
}

/** A program that is somebody else's when it runs. */
export function setuidFile() {
  const found = spawnSync("find", ["/", "-xdev", "-type", "f", "-perm", "/6000"], { encoding: "utf8" });
  return found.stdout.split("\n").find((path) => path !== "") ?? null;
}

/** A process of another user that can be looked into or ended. */
export function otherProcess() {
  for (const pid of pids()) {
    if (statSync(`/proc/${pid}`, { throwIfNoEntry: false })?.uid === process.getuid()) continue;
    try {
      process.kill(Number(pid), 0);
      return `kill ${pid}`;
    } catch {
      // EPERM.
    }
    try {
      openSync(`/proc/${pid}/mem`, constants.O_RDWR);
      return `mem of ${pid}`;
    } catch {
      // EACCES.
    }
  }
  return null;
}

/** A device of the machine. */
export function device() {
  const made = spawnSync("mknod", ["/tmp/attack-device", "b", "8", "0"]).status === 0;
  rmSync("/tmp/attack-device", { force: true });
  const disks = ["/dev/mem", "/dev/kmsg", "/dev/sda", "/dev/vda", "/dev/nvme0n1", "/dev/fuse", "/dev/kvm"];
  return made ? "mknod" : (disks.find(opens) ?? null);
}

function opens(path) {
  try {
    accessSync(path, constants.R_OK);
    openSync(path, "r");
    return true;
  } catch {
    return false;
  }
}
