/** Where everything of one slot lives on the box. */

import { closeSync, mkdirSync, openSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";

/** `sun_path` holds 108 bytes with its final NUL (unix(7)). */
const SOCKET_PATH_MAX_BYTES = 107;

export type Layout = {
  readonly root: string;
  /** True when the root was named by CRABBOX_ROOT: several slots share the machine, each with a HOME of its own. */
  readonly isSlot: boolean;
  readonly home: string;
  readonly tasks: string;
  readonly run: string;
  readonly blobs: string;
  /** Cache entries that steps of the last task restored and saved. */
  readonly caches: string;
  /** Artifacts of the last task. */
  readonly artifacts: string;
};

/** The slot's layout from boxd's own environment. Makes nothing. */
export function layoutFrom(env: NodeJS.ProcessEnv): Layout {
  const named = env["CRABBOX_ROOT"];
  const root = resolve(named !== undefined && named !== "" ? named : join(homedir(), ".crabbox"));
  const isSlot = named !== undefined && named !== "";
  return {
    root,
    isSlot,
    home: isSlot ? join(root, "home") : homedir(),
    tasks: join(root, "tasks"),
    run: join(root, "run"),
    blobs: join(root, "blobs"),
    caches: join(root, "caches"),
    artifacts: join(root, "artifacts"),
  };
}

/** Makes the directories every command needs, readable by the slot's user alone. Safe to repeat. */
export function makeLayout(layout: Layout): void {
  for (const path of [layout.root, layout.tasks, layout.run, layout.home])
    mkdirSync(path, { recursive: true, mode: 0o700 });
}

/** `tasks/<id>`; the id was checked by its pattern before. */
export function taskDir(layout: Layout, id: string): string {
  return join(layout.tasks, id);
}

/** The task's own TMPDIR, gone with the task's end. */
export function taskTmp(layout: Layout, id: string): string {
  return join(layout.root, "tmp", id);
}

/** The work tree of one repository. */
export function workTree(layout: Layout, owner: string, repo: string): string {
  return join(layout.root, "work", owner, repo);
}

/** What the actions of one repository's hydration brought and wrote; kept, because what they set points into it. */
export function stepsPlace(layout: Layout, owner: string, repo: string): string {
  return join(layout.root, "steps", owner, repo);
}

/** The tools that set-up actions install; theirs to reuse, whatever the repository. */
export function toolsPlace(layout: Layout): string {
  return join(layout.root, "tools");
}

/** boxd's git directory of one repository: outside the work tree, never used by the command but to borrow objects. */
export function gitDirOf(layout: Layout, owner: string, repo: string): string {
  return join(layout.root, "git", owner, `${repo}.git`);
}

/**
 * Calls `use` with a path for the socket in `dir` that fits into `sun_path`, however deep `dir` lies: a long one is
 * reached through an open descriptor of the directory.
 */
export function withSocketPath<T>(dir: string, use: (path: string) => T): T {
  const plain = join(dir, "sock");
  if (Buffer.byteLength(plain) <= SOCKET_PATH_MAX_BYTES) return use(plain);
  const fd = openSync(dir, "r");
  try {
    return use(`/proc/self/fd/${fd}/sock`);
  } finally {
    closeSync(fd);
  }
}
