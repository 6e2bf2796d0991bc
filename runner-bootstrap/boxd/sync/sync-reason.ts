/** Why a sync failed: a stable word. */
export type SyncReason =
  | "token_refused"
  | "commit_missing"
  | "network"
  | "no_git"
  | "disk_full"
  | "not_clean"
  | "head_mismatch"
  | "submodule"
  | "lfs"
  | "other";
