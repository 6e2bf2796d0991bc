import { AppError } from "../errors.ts";
import { connect } from "./connect.ts";

import type { BoxAddress } from "../../providers/provider.ts";
import type { SshConnection, SshDeps } from "./connect.ts";

/** The connections to one box: `control` for tasks and what must be quick, `bulk` for blobs. */
export type Lines = {
  control(signal?: AbortSignal): Promise<SshConnection>;
  /** Opened when first asked for. */
  bulk(signal?: AbortSignal): Promise<SshConnection>;
  /** Ends both; no new ones afterwards. */
  close(): Promise<void>;
};

/** Connections that open when they are needed and again after they were lost; one of each kind at a time. */
export function createLines(deps: SshDeps, address: BoxAddress): Lines {
  const open = new Map<"control" | "bulk", Promise<SshConnection>>();
  let hostKey = address.hostKey;
  let closed = false;

  const get = async (kind: "control" | "bulk", signal?: AbortSignal): Promise<SshConnection> => {
    if (closed) throw new AppError("link_lost", "The link to the box was closed.", "Open a new one.");
    const begun = open.get(kind);
    if (begun !== undefined) {
      const connection = await begun;
      if (connection.open) return connection;
      if (open.get(kind) === begun) open.delete(kind);
      return get(kind, signal);
    }
    const opening = connect(deps, { ...address, hostKey }, signal).then((connection) => {
      hostKey = connection.hostKey;
      if (closed) connection.close();
      return connection;
    });
    open.set(kind, opening);
    opening.catch(() => {
      if (open.get(kind) === opening) open.delete(kind);
    });
    return opening;
  };
  return {
    control: (signal) => get("control", signal),
    bulk: (signal) => get("bulk", signal),
    async close() {
      closed = true;
      const all = await Promise.allSettled(open.values());
      for (const one of all) if (one.status === "fulfilled") one.value.close();
    },
  };
}
