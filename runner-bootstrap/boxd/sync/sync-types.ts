/** What the parts of the sync hand each other. */

import type { Journal } from "../journal.ts";
import type { Layout } from "../layout.ts";
import type { Probe } from "../probe.ts";
import type { SyncReason } from "./sync-reason.ts";
import type { ReadyShells } from "./shells.ts";
import type { TreeSpec } from "./tree.ts";

export type SyncDeps = {
  readonly layout: Layout;
  readonly probe: Probe;
  readonly journal: Journal;
  readonly signal: AbortSignal;
  /** Made while boxd waited for the task. */
  readonly shells: ReadyShells;
  readonly token: () => string | undefined;
  /**
   * Called when the network has nothing more to bring for the tree and git is at work: the moment to make ready what
   * comes after. Once for each repository; not when the sync failed before.
   */
  readonly onLocal: () => void;
};

/** Everything one repository needs from its surroundings. */
export type TreeTools = SyncDeps & {
  readonly gitHome: string;
  readonly askpass: string;
  readonly gitVersion: string;
  /** Brings one more repository, a submodule, by the same rules. */
  readonly syncInner: (
    tools: TreeTools,
    spec: RepositorySpec,
    topRemote: string,
    depth: number,
  ) => Promise<RepositoryEnd>;
};

/** One repository's place; whether it has large files is found out. */
export type RepositorySpec = Omit<TreeSpec, "usesLfs">;

export type RepositoryEnd =
  | { readonly ok: true; readonly how: string }
  | { readonly ok: false; readonly reason: SyncReason; readonly error: string };
