import { AppError } from "../errors.ts";
import { run } from "./run.ts";
import { fits, packNode } from "./node-copy.ts";
import { parseProbe, probeCommand } from "./probe.ts";
import { shellCommand } from "./quote.ts";
import { ROOT } from "./programs.ts";

import type { SshConnection } from "./connect.ts";
import type { BoxProbe } from "./probe.ts";
import type { ProgramFile, Programs } from "./programs.ts";

export type InstallDeps = {
  /** boxd and its interpreter, bundled at the App's start. */
  readonly programs: Programs;
  /** Directory in the App's state where the packed Node is kept. */
  readonly programDir: string;
  /** The Node to give to boxes that have none: the App's own. */
  readonly nodePath: string;
};

/** The oldest Node boxd runs on. */
const NODE_MAJOR_MIN = 20;
/** 40 MiB over a slow line, and unpacking. */
const UPLOAD_TIMEOUT_MS = 10 * 60_000;
/** A distribution's package manager, its index included. */
const PACKAGE_TIMEOUT_MS = 5 * 60_000;

/**
 * Puts Node and boxd onto a box below `root`: a Node that is there, else the App's own, else the distribution's by
 * sudo. Safe to repeat and at once. Throws box_unusable with what was found, or disk_full.
 */
export async function installPrograms(
  deps: InstallDeps,
  connection: SshConnection,
  root: string,
): Promise<void> {
  const look = async (): Promise<BoxProbe> => {
    const { code, stdout, stderr } = await run(connection, probeCommand(root, deps.nodePath));
    if (code !== 0) {
      throw new AppError(
        "box_unusable",
        `The box's home cannot be used: ${stderr.trim()}`,
        "Make the home writable for the user.",
      );
    }
    return parseProbe(stdout);
  };
  const probe = await look();
  if (!(await linkNode(connection, root, probe))) await bringNode(deps, connection, root, probe, look);
  // The interpreter first: where boxd is, everything is.
  await putProgram(connection, root, deps.programs.hydrate);
  await putProgram(connection, root, deps.programs);
}

async function bringNode(
  deps: InstallDeps,
  connection: SshConnection,
  root: string,
  probe: BoxProbe,
  look: () => Promise<BoxProbe>,
): Promise<void> {
  const own = fits(probe);
  let failure: string;
  if (own === null) {
    const packed = await packNode(deps.nodePath, deps.programDir);
    const result = await run(connection, nodeUpload(root), { stdin: packed, timeoutMs: UPLOAD_TIMEOUT_MS });
    if (result.code === 0) return;
    if (result.code === DISK_FULL) throw diskFull();
    failure = `the App's Node does not run there (${result.stderr.trim().slice(0, 300)})`;
  } else failure = own;
  if (probe.packages !== null) {
    await run(connection, packageCommand(probe.packages), { timeoutMs: PACKAGE_TIMEOUT_MS });
    if (await linkNode(connection, root, await look())) return;
    failure += `, and the ${probe.packages} package is none >= ${NODE_MAJOR_MIN}`;
  }
  const found = probe.nodes.map(({ path, version }) => `${path} ${version}`).join(", ") || "none";
  throw new AppError(
    "box_unusable",
    `The box has no Node >= ${NODE_MAJOR_MIN} (found: ${found}), and ${failure}.`,
    `Install Node ${NODE_MAJOR_MIN} or later on the box.`,
  );
}

async function linkNode(connection: SshConnection, root: string, probe: BoxProbe): Promise<boolean> {
  const node = probe.nodes.find(({ major }) => major >= NODE_MAJOR_MIN);
  if (node === undefined) return false;
  const link = `${ROOT}; ln -s "$2" "$r/node.$$" && mv -f "$r/node.$$" "$r/node"`;
  const { code } = await run(connection, shellCommand(link, [root, node.path]));
  return code === 0;
}

/** What the upload commands end with when the disk is full. */
const DISK_FULL = 99;

/** Unpacks Node beside all slots of the user, tries it, and only then gives it its name. */
function nodeUpload(root: string): string {
  const script = [
    ROOT,
    "umask 077",
    "t=$r/.node.$$",
    `gzip -dc >"$t" || { rm -f "$t"; exit ${DISK_FULL}; }`,
    'chmod 755 "$t"',
    '"$t" --version >/dev/null || { rm -f "$t"; exit 1; }',
    'mv -f "$t" "$r/node"',
  ].join("; ");
  return shellCommand(script, [root]);
}

async function putProgram(connection: SshConnection, root: string, file: ProgramFile): Promise<void> {
  const script = [
    ROOT,
    "umask 077",
    "t=$r/.$2.$$",
    `cat >"$t" || { rm -f "$t"; exit ${DISK_FULL}; }`,
    '[ "$(sha256sum <"$t" | cut -c 1-64)" = "$3" ] || { rm -f "$t"; exit 1; }',
    'mv -f "$t" "$r/$2"',
  ].join("; ");
  const command = shellCommand(script, [root, file.name, file.sha]);
  const { code, stderr } = await run(connection, command, {
    stdin: file.bytes,
    timeoutMs: UPLOAD_TIMEOUT_MS,
  });
  if (code === 0) return;
  if (code === DISK_FULL) throw diskFull();
  throw new AppError(
    "box_unusable",
    `boxd did not arrive whole: ${stderr.trim().slice(0, 300)}`,
    "Check the box's disk and sha256sum.",
  );
}

function packageCommand(manager: string): string {
  const words: Readonly<Record<string, string>> = {
    "apt-get": "sudo -n apt-get -qq update; sudo -n apt-get -qq install -y nodejs",
    dnf: "sudo -n dnf -q -y install nodejs",
    apk: "sudo -n apk add --quiet nodejs",
    zypper: "sudo -n zypper -q -n install nodejs",
    pacman: "sudo -n pacman -S --noconfirm --quiet nodejs",
  };
  return shellCommand(words[manager] ?? "exit 1");
}

function diskFull(): AppError {
  return new AppError(
    "disk_full",
    "The box has no space for boxd and Node.",
    "Free 150 MB in the home of the box's user.",
  );
}
