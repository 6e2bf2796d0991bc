import type { PlanAction } from "../../../runner-bootstrap/boxd/steps/plan.ts";
import type { Pins } from "./pins.ts";
import type { Archive, Home } from "./types.ts";
import type { Use } from "./uses.ts";

export type Finding = {
  readonly pins: Pick<Pins, "resolve">;
  readonly ownArchive: string | null;
  /** The archive of every remote action found is put here. */
  readonly archives: Map<string, Archive>;
};

export type Located = {
  readonly key: string;
  readonly action: PlanAction;
  /** Null when there is no file to read (an image). */
  readonly home: Home | null;
  readonly path: string;
};

/** Where an action's files are and what the plan calls it; a reason is a half sentence. */
export async function locateAction(
  work: Finding,
  use: Exclude<Use, { kind: "fault" }>,
  home: Home,
): Promise<Located | { readonly reason: string }> {
  if (use.kind === "image") {
    const source = { kind: "image" as const, image: use.image };
    return { key: use.image, action: { name: use.image, source, definition: null }, home: null, path: "" };
  }
  if (use.kind === "remote") {
    const found = await work.pins.resolve(use.nwo, use.ref);
    if (found.kind === "missing") return { reason: `cannot be had: ${found.reason}` };
    return remote(work, { nwo: use.nwo, sha: found.sha, path: use.path, ref: use.ref });
  }
  if (use.kind === "self" && home.kind === "remote")
    return remote(work, { nwo: home.nwo, sha: home.sha, path: use.path, ref: home.sha });
  const { path } = use;
  const source =
    work.ownArchive === null
      ? { kind: "workspace" as const, path }
      : { kind: "archive" as const, archive: work.ownArchive, path };
  const name = `./${path}`;
  return { key: name, action: { name, source, definition: null }, home: { kind: "own" }, path };
}

function remote(
  work: Finding,
  {
    nwo,
    sha,
    path,
    ref,
  }: { readonly nwo: string; readonly sha: string; readonly path: string; readonly ref: string },
): Located {
  const archive = `${nwo.toLowerCase().replace("/", "+")}+${sha}`;
  work.archives.set(archive, { archive, nwo, sha });
  const name = path === "" ? nwo : `${nwo}/${path}`;
  return {
    // The ref as written belongs to the key: `context.action_ref` shows it.
    key: `${name.toLowerCase()}@${ref}`,
    action: { name, ref, sha, source: { kind: "archive", archive, path }, definition: null },
    home: { kind: "remote", nwo, sha },
    path,
  };
}
