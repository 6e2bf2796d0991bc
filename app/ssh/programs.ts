import { shellCommand } from "./quote.ts";

import type { BoxAddress } from "../../providers/provider.ts";

/** What is put onto a box: names follow from the content, so a new version never replaces one that runs. */
export type ProgramFile = { readonly name: string; readonly bytes: Buffer; readonly sha: string };

export type Programs = ProgramFile & { readonly hydrate: ProgramFile };

/** Shell: makes `$r` the root given as $1: below the home unless it is absolute. */
export const ROOT = "case $1 in /*) r=$1;; *) r=$HOME/$1;; esac";

/**
 * The line that runs boxd with `args`: it tests by itself whether everything is there (exit 97 when not), so the warm
 * path has no probing round trip. What the log-in has set for Node is not boxd's.
 */
export function boxdLine(address: BoxAddress, boxd: string, args: readonly string[]): string {
  const script = [
    ROOT,
    '[ -x "$r/node" ] && [ -f "$r/$2" ] || exit 97',
    "unset NODE_OPTIONS NODE_EXTRA_CA_CERTS",
    "CRABBOX_ROOT=$r b=$r/$2",
    "export CRABBOX_ROOT",
    "shift 2",
    'exec "$CRABBOX_ROOT/node" "$b" "$@"',
  ].join("; ");
  return shellCommand(script, [address.root, boxd, ...args]);
}
