/** What is mounted into containers beside the directories of the job. */

import { realpathSync, statSync } from "node:fs";

import type { EngineHost } from "../host.ts";
import type { Mount } from "./paths.ts";

/** Our Node in a container; the place of the runner's own. */
export const NODE_INSIDE = "/__e/node24/bin/node";

const SOCKET = "/var/run/docker.sock";

export function nodeMount(host: EngineHost): Mount {
  return { host: realpathSync(host.node), inside: NODE_INSIDE, readOnly: true };
}

/**
 * The daemon's socket, where it is one of this machine: GitHub mounts it in job containers and Docker actions (ContainerInfo.cs,
 * ContainerActionHandler.cs). A step that can call docker has the daemon anyway.
 */
export function socketMounts(host: EngineHost): readonly Mount[] {
  const socket = socketOf(host);
  return socket !== null && isSocket(socket) ? [{ host: socket, inside: SOCKET }] : [];
}

function socketOf(host: EngineHost): string | null {
  if ("missing" in host.docker) return null;
  const { argv } = host.docker;
  const at = argv.findIndex((word) => word === "-H" || word === "--host");
  const named = at === -1 ? host.env["DOCKER_HOST"] : argv[at + 1];
  if (named === undefined) return SOCKET;
  return named.startsWith("unix://") ? named.slice("unix://".length) : null;
}

function isSocket(path: string): boolean {
  try {
    return statSync(path).isSocket();
  } catch {
    // Not there.
    return false;
  }
}
