import { join } from "node:path";

import type { BoxAddress } from "../provider.ts";
import type { StaticHost, StaticSshSettings } from "./settings.ts";

/** Where a slot without a user of its own lives, below the home of the host's user. */
const SLOTS_DIR = ".crabbox/slots";
/** boxd's root in the home of a slot's own user. */
const USER_ROOT = ".crabbox";

/** One place for one task at a time. */
export type Slot = {
  readonly host: StaticHost;
  readonly name: string;
  /** What wipe.sh is told. */
  readonly wipe: string;
  /** Log-in of the user that keeps the leases. */
  manager(hostKey: string | null): BoxAddress;
  /** Log-in of the tasks. */
  box(hostKey: string | null): BoxAddress;
};

/** The slots of a host, in the order they are filled. */
export function slotsOf(host: StaticHost, separation: StaticSshSettings["separation"]): readonly Slot[] {
  const address = (user: string, root: string, hostKey: string | null): BoxAddress => ({
    host: host.host,
    port: host.port,
    user,
    hostKey,
    keyFile: host.keyFile,
    root,
  });
  const manager = (hostKey: string | null) => address(host.user, SLOTS_DIR, hostKey);
  if (separation === "users") {
    return (host.uids ?? []).map((user) => ({
      host,
      name: user,
      wipe: "user",
      manager,
      box: (hostKey) => address(user, USER_ROOT, hostKey),
    }));
  }
  return Array.from({ length: host.slots }, (_, index) => {
    const name = String(index + 1);
    const root = join(SLOTS_DIR, name, "root");
    return { host, name, wipe: root, manager, box: (hostKey) => address(host.user, root, hostKey) };
  });
}

/** A box's ref names its lease, too: a slot's next lease is another box. */
export function refOf(slot: Slot, leaseId: string): string {
  return `${slot.host.name}.${slot.name}.${leaseId}`;
}

/** The parts of a ref; null for anything else. */
export function parseRef(
  ref: string,
): { readonly host: string; readonly slot: string; readonly leaseId: string } | null {
  const [host, slot, leaseId, ...rest] = ref.split(".");
  if (host === undefined || slot === undefined || leaseId === undefined || rest.length > 0) return null;
  return { host, slot, leaseId };
}
