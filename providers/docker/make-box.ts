import { existsSync } from "node:fs";

import { loadKey } from "../keys.ts";
import { ProviderError } from "../provider.ts";
import { findBox, startBox } from "./boxes.ts";
import { BOXD_ROOT, BOX_USER, SSH_PORT } from "./container-spec.ts";
import { serve, untilListening } from "./in-box.ts";
import { nameOf } from "./labels.ts";
import { limitsOf } from "./request.ts";

import type { CreateRequest, ProviderBox } from "../provider.ts";
import type { BoxesDeps, Seen } from "./boxes.ts";
import type { Policy } from "./firewall-rules.ts";
import type { KeptBox, KeptBoxes } from "./kept.ts";
import type { DockerSettings } from "./settings.ts";

export type MakeDeps = BoxesDeps & {
  readonly settings: DockerSettings;
  readonly policy: Policy;
  readonly kept: KeptBoxes;
  /** The App's private key for boxes. */
  readonly keyFile: string;
};

export type WantedBox = {
  readonly request: Pick<CreateRequest, "labels">;
  readonly ref: string;
  readonly type: string;
  readonly image: string;
};

/** How the daemon's words for a container's state read to the App. */
const STATES: Readonly<Record<string, ProviderBox["state"]>> = {
  created: "creating",
  running: "ready",
  removing: "destroying",
  exited: "gone",
  dead: "gone",
};

/** The App's word for a container's state. */
export function stateOf(status: string): ProviderBox["state"] {
  return STATES[status] ?? "unknown";
}

/** Starts what there is or is not of a box, up to a listening sshd. Safe to repeat; throws ProviderError. */
export async function makeBox(deps: MakeDeps, wanted: WantedBox, signal: AbortSignal): Promise<ProviderBox> {
  const { settings, kept } = deps;
  const { ref } = wanted;
  const key = loadKey(deps.keyFile);
  const spec = {
    ...wanted,
    settings,
    limits: limitsOf(settings, wanted.type),
    publicKey: `${key.type} ${key.getPublicSSH().toString("base64")}`,
    nameservers: settings.dns,
    hasIpv6: existsSync("/proc/sys/net/ipv6"),
    now: deps.clock.now(),
  };
  await startBox(deps, spec, deps.policy, signal);
  const seen = await findBox(deps, ref, signal);
  if (seen === null || seen.address === null || seen.status !== "running")
    throw new ProviderError(
      deps.provider,
      "unclear",
      `Box ${ref} ended while it was made.`,
      "It is looked at again.",
    );
  const before = kept.of(ref);
  const hostKey = before?.hostKey ?? (await serve(deps, nameOf(ref), signal));
  await untilListening(deps, seen.address, signal);
  const box = { hostKey, expiresAt: before?.expiresAt ?? seen.labels.expiresAt };
  kept.keep(ref, box);
  return toBox(seen, box, deps.keyFile);
}

/** A container and what is kept of it, as the App sees it. */
export function toBox(seen: Seen, box: KeptBox | null, keyFile: string): ProviderBox {
  const { ref, type, createdAt, address, status } = seen;
  const labels = { ...seen.labels, expiresAt: box?.expiresAt ?? seen.labels.expiresAt };
  const state = stateOf(status);
  if (state !== "ready" || box === null || address === null)
    return { ref, type, createdAt, labels, state: state === "ready" ? "creating" : state };
  const login = {
    host: address,
    port: SSH_PORT,
    user: BOX_USER,
    hostKey: box.hostKey,
    keyFile,
    root: BOXD_ROOT,
  };
  return { ref, type, createdAt, labels, state, address: login };
}
