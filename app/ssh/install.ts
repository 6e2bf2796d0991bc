import { readFile } from "node:fs/promises";

import { AppError } from "../errors.ts";
import { FRONT_EXIT } from "../../runner-bootstrap/boxd/task.ts";
import { nodeFile, unfitReason } from "./node-copy.ts";
import { ROOT } from "./programs.ts";
import { shellCommand } from "./quote.ts";
import { run } from "./run.ts";

import type { SshConnection } from "./connect.ts";
import type { ProgramFile, Programs } from "./programs.ts";

export type InstallDeps = {
  /** boxd and its interpreter, bundled at the App's start. */
  readonly programs: Programs;
  /** Directory in the App's state where the packed Node is kept. */
  readonly programDir: string;
  /** The Node to give to boxes that have none: the App's own. */
  readonly nodePath: string;
};

/** What install.sh ended with. */
type Installed = { readonly code: number; readonly said: string; readonly complaint: string };

/** What boxd itself runs on. */
const NODE_MIN_MAJOR = 20;
/** 40 MiB over a slow line, and unpacking. */
const UPLOAD_TIMEOUT_MS = 10 * 60_000;
/** A distribution's package manager, its index included. */
const PACKAGE_TIMEOUT_MS = 5 * 60_000;

const INSTALL_SCRIPT = new URL("../../runner-bootstrap/install.sh", import.meta.url);

/** Asks the distribution for Node where sudo needs no password; which one is there is the box's business. */
const PACKAGES = [
  ["apt-get", "sudo -n apt-get -qq update; sudo -n apt-get -qq install -y nodejs"],
  ["dnf", "sudo -n dnf -q -y install nodejs"],
  ["apk", "sudo -n apk add --quiet nodejs"],
  ["zypper", "sudo -n zypper -q -n install nodejs"],
  ["pacman", "sudo -n pacman -S --noconfirm --quiet nodejs"],
] as const;

/**
 * Puts boxd below `root`, and a Node to run it: one that is there, else the App's own where it fits, else the
 * distribution's by sudo. One round trip when the box has Node. Safe to repeat and at once. Throws box_unusable with
 * what was found, or box_full.
 */
export async function installPrograms(
  deps: InstallDeps,
  connection: SshConnection,
  root: string,
): Promise<void> {
  const { programs } = deps;
  // The interpreter first: where boxd is, everything is.
  const first = await install(connection, root, [programs.hydrate, programs]);
  if (first.code !== FRONT_EXIT.notInstalled) return check(first);
  const unfit = unfitReason(first.said);
  let failure = unfit ?? "the App's own Node does not run there";
  if (unfit === null) {
    const copied = await install(connection, root, [await nodeFile(deps.nodePath, deps.programDir)]);
    if (copied.code !== FRONT_EXIT.notInstalled) return check(copied);
  }
  const packages = PACKAGES.map(
    ([name, words]) => `if command -v ${name} >/dev/null; then ${words}; exit; fi`,
  ).join("; ");
  const asked = await run(
    connection,
    shellCommand(`sudo -n true 2>/dev/null || exit 1; ${packages}; exit 1`),
    {
      timeoutMs: PACKAGE_TIMEOUT_MS,
    },
  );
  if (asked.code === 0) {
    const again = await install(connection, root, []);
    if (again.code !== FRONT_EXIT.notInstalled) return check(again);
    failure += ", and the distribution's package is too old";
  }
  throw new AppError(
    "box_unusable",
    `The box cannot run boxd: it has no Node 20 or later (${found(first.said)}), and ${failure}.`,
    "Install Node 20 or later on the box.",
  );
}

/**
 * Gives boxd, and the actions it runs, a Node of at least `major` where it has an older one: the machine's, else the App's own. False
 * when neither fits; boxd keeps what it has then. One round trip when there is nothing to do; 40 MiB once a box otherwise. Safe to
 * repeat and at once; throws link_lost.
 */
export async function bringNode(
  deps: Pick<InstallDeps, "programDir" | "nodePath">,
  connection: SshConnection,
  root: string,
  major: number,
): Promise<boolean> {
  const seen = await install(connection, root, [], major);
  if (seen.code !== FRONT_EXIT.notInstalled || unfitReason(seen.said) !== null)
    return seen.code === FRONT_EXIT.complete;
  const file = await nodeFile(deps.nodePath, deps.programDir);
  return (await install(connection, root, [file], major)).code === FRONT_EXIT.complete;
}

/**
 * Runs install.sh with files on its stdin and names the Node it found `node`. The script travels as one word, so that
 * no login shell sees its lines.
 */
async function install(
  connection: SshConnection,
  root: string,
  files: readonly ProgramFile[],
  major = NODE_MIN_MAJOR,
): Promise<Installed> {
  const script = await readFile(INSTALL_SCRIPT);
  const line = [
    ROOT,
    "CRABBOX_ROOT=$r",
    "export CRABBOX_ROOT",
    "CRABBOX_NODE_MIN=$3",
    "export CRABBOX_NODE_MIN",
    "unset NODE_OPTIONS",
    's=$(printf %s "$2" | base64 -d) || exit 98',
    "shift 3",
    'o=$(eval "$s")',
    "c=$?",
    'echo "$o"',
    'case $o in node=/*) ln -s "${o#node=}" "$r/node.$$" && mv -f "$r/node.$$" "$r/node" || exit 98;; esac',
    "exit $c",
  ].join("; ");
  const announced = files.flatMap(({ name, bytes, sha }) => [name, String(bytes.length), sha]);
  const command = shellCommand(line, [root, script.toString("base64"), String(major), ...announced]);
  const stdin = Buffer.concat(files.map(({ bytes }) => bytes));
  const { code, stdout, stderr } = await run(connection, command, { stdin, timeoutMs: UPLOAD_TIMEOUT_MS });
  return { code, said: stdout.trim().slice(0, 1_000), complaint: stderr.trim().slice(0, 300) };
}

function check({ code, complaint }: Installed): void {
  if (code === FRONT_EXIT.complete) return;
  if (code === FRONT_EXIT.diskFull) {
    throw new AppError(
      "box_full",
      "The box has no space for boxd and Node.",
      "Free 150 MB in the home of the box's user.",
    );
  }
  throw new AppError(
    "box_unusable",
    `boxd could not be installed on the box: ${complaint === "" ? `exit ${code}` : complaint}`,
    "Check that the box's home is writable and not mounted noexec.",
  );
}

function found(said: string): string {
  return said.replace(/^node=none found=/, "found ").replaceAll(/[^\x20-\x7e]/g, "?");
}
