/** What the workspace's own `.git` says is checked out. Read, not asked of git: a step may have written there what git would run. */

import { readSync } from "node:fs";
import { join } from "node:path";

import { openInside } from "./open-inside.ts";

export type WorkspaceHead = {
  /** Null when no branch is checked out. */
  readonly branch: string | null;
  /** Null when it cannot be told: a branch without a commit, or refs kept in a form of their own. */
  readonly sha: string | null;
};

/** Bytes of a `.git/HEAD` or of one ref's file; a ref's name has at most 255 (git's file names). */
const REF_MAX_BYTES = 1024;
/** 60,000 refs; of more the commit cannot be told. */
const PACKED_MAX_BYTES = 4 * 1024 * 1024;

/** Null when there is no repository (any more). */
export function workspaceHead(workspace: string): WorkspaceHead | null {
  const read = (path: string, maxBytes: number): string | null => textInside(workspace, path, maxBytes);
  const head = read("HEAD", REF_MAX_BYTES);
  if (head === null) return null;
  const [, ref] = /^ref: (refs\/\S+)\n$/u.exec(head) ?? [];
  if (ref === undefined) return { branch: null, sha: shaOf(head) };
  const packed = (): string | undefined =>
    read("packed-refs", PACKED_MAX_BYTES)
      ?.split("\n")
      .find((line) => line.endsWith(` ${ref}`));
  return {
    branch: /^refs\/heads\/(.+)$/u.exec(ref)?.[1] ?? null,
    sha: shaOf(read(ref, REF_MAX_BYTES) ?? packed() ?? ""),
  };
}

function shaOf(text: string): string | null {
  return /^[0-9a-f]{40}(?=\s|$)/u.exec(text)?.[0] ?? null;
}

function textInside(workspace: string, path: string, maxBytes: number): string | null {
  const file = openInside(join(workspace, ".git", path), [workspace]);
  if (file === null) return null;
  try {
    if (file.sizeBytes === null || file.sizeBytes > maxBytes) return null;
    const bytes = Buffer.alloc(file.sizeBytes);
    return bytes.toString("utf8", 0, readSync(file.fd, bytes));
  } finally {
    file.close();
  }
}
