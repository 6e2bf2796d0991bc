import type { BoxAddress } from "../../providers/provider.ts";
import { AppError } from "../errors.ts";
import type { BoxLink } from "../ssh/boxd-client.ts";
import type { Box } from "../store/rows.ts";
import type { Store } from "../store/store.ts";

export type LinkDeps = {
  readonly store: Pick<Store, "boxes">;
  /** `learn` is called with the host key of an address that had none pinned, before the link is used. */
  readonly open: (
    address: BoxAddress,
    learn: (hostKey: string) => Promise<void>,
    signal: AbortSignal,
  ) => Promise<BoxLink>;
};

/** The open connections to boxes, one link a box, kept while its lease lives so that a warm run costs one round trip. */
export type BoxLinks = {
  /** The link, opened when there is none; a failed opening is forgotten, so asking again tries again. */
  get(box: Box, signal: AbortSignal): Promise<BoxLink>;
  /** Closes and forgets; nothing happens when there is none. */
  drop(boxId: Box["id"]): Promise<void>;
  closeAll(): Promise<void>;
};

/** Connections to boxes, one a box, shared by whoever needs it. */
export function createBoxLinks(deps: LinkDeps): BoxLinks {
  const links = new Map<Box["id"], Promise<BoxLink>>();

  async function open(box: Box, signal: AbortSignal): Promise<BoxLink> {
    const address = box.address;
    if (address === null) {
      throw new AppError("box_unusable", "The box has no address.", "Comment `/crabbox retry`.");
    }
    return deps.open(
      address,
      (hostKey) => deps.store.boxes.note(box.id, { address: { ...address, hostKey } }),
      signal,
    );
  }

  return {
    async get(box, signal) {
      const known = links.get(box.id);
      if (known !== undefined) return known;
      const opening = open(box, signal);
      links.set(box.id, opening);
      try {
        return await opening;
      } catch (error) {
        if (links.get(box.id) === opening) links.delete(box.id);
        throw error;
      }
    },
    async drop(boxId) {
      const known = links.get(boxId);
      links.delete(boxId);
      if (known === undefined) return;
      const link = await known.catch(() => null);
      await link?.close();
    },
    async closeAll() {
      const all = [...links.keys()];
      await Promise.all(all.map((boxId) => this.drop(boxId)));
    },
  };
}
