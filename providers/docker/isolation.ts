import { randomBytes } from "node:crypto";
import { createServer } from "node:net";
import { networkInterfaces } from "node:os";

import { ProviderError } from "../provider.ts";
import { removeBox } from "./boxes.ts";
import { bridgeName } from "./firewall-rules.ts";
import { probe } from "./in-box.ts";

import type { CreateRequest, Isolation, ProviderBox } from "../provider.ts";
import type { BoxesDeps } from "./boxes.ts";
import type { Policy } from "./firewall-rules.ts";
import type { FirewallState } from "./firewall.ts";
import type { DockerSettings } from "./settings.ts";

export type IsolationDeps = BoxesDeps & {
  readonly settings: DockerSettings;
  readonly policy: Policy;
  readonly image: string;
  firewall(policy: Policy): Promise<FirewallState>;
  make(
    request: Pick<CreateRequest, "labels">,
    ref: string,
    type: string,
    image: string,
    signal: AbortSignal,
  ): Promise<ProviderBox>;
  /** Drops what was kept of a box. */
  forget(ref: string): void;
};

/** Where clouds answer with the credentials of the machine itself. */
const METADATA = ["169.254.169.254:80", "169.254.170.2:80", "100.100.100.200:80"] as const;
/** What a machine is most often reached by, beside the port that is opened for the probe. */
const SSH_PORT = 22;
/** Every bridge of every box is an address of this machine; a few stand for all. */
const ADDRESSES_MAX = 8;

/** A probe takes seconds; one whose App was killed ends by itself. */
const PROBE_LIFE_MS = 2 * 60_000;
/** Removed also when the caller has given up meanwhile. */
const PROBE_END_MS = 30_000;

type Listener = { readonly port: number; close(): void };

/**
 * What stands between boxes and this machine, tried from a box made for it: `container` when it reaches neither the
 * machine nor a metadata service, else `user` where the settings accept that. Throws `unusable` where they do not.
 */
export async function measureIsolation(deps: IsolationDeps, signal: AbortSignal): Promise<Isolation> {
  const { policy, settings } = deps;
  const firewall = await deps.firewall(policy);
  const ref = `probe-${randomBytes(6).toString("hex")}`;
  const expiresAt = deps.clock.now() + PROBE_LIFE_MS;
  // No App's owner: nobody's reconciler takes it for a box of a lease.
  const labels = { owner: ref, leaseId: ref, trustDomain: ref, expiresAt };
  const type = Object.keys(settings.classes)[0] ?? "";
  const listener = await openListener();
  try {
    await deps.make({ labels }, ref, type, deps.image, signal);
    const targets = forbiddenTargets(bridgeName(policy, ref), listener.port, policy.reach);
    const reached = await probe(deps, `crabbox-${ref}`, targets, signal);
    if (reached.length === 0) return "container";
    if (settings.hostAccess === "accept") return "user";
    const why = firewall.kind === "ours" ? "" : ` No firewall rules could be written: ${firewall.why}.`;
    throw new ProviderError(
      settings.name,
      "unusable",
      `A container here reaches ${reached.slice(0, 3).join(", ")}, so untrusted code would, too.${why}`,
      "Run the App as root (or with CAP_NET_ADMIN) and iptables, or set `hostAccess: accept` and do without forks.",
    );
  } finally {
    listener.close();
    await removeBox(deps, ref, AbortSignal.timeout(PROBE_END_MS));
    deps.forget(ref);
  }
}

/** A port of this machine on all its addresses, for the moment of the probe; it says nothing and reads nothing. */
async function openListener(): Promise<Listener> {
  const server = createServer((socket) => socket.on("error", () => undefined).end());
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(0, "0.0.0.0", resolve);
  });
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return { port, close: () => void server.close() };
}

/** What a box behind `bridge` must not reach: this machine by each of its addresses, the bridge's first, and metadata. */
function forbiddenTargets(bridge: string, port: number, allowed: readonly string[]): readonly string[] {
  const own = Object.entries(networkInterfaces())
    .sort(([a], [b]) => Number(b === bridge) - Number(a === bridge))
    .flatMap(([, addresses]) => addresses ?? [])
    .filter(({ family, internal }) => family === "IPv4" && !internal)
    .map(({ address }) => address);
  const hosts = own.slice(0, ADDRESSES_MAX);
  const all = [...hosts.flatMap((host) => [`${host}:${port}`, `${host}:${SSH_PORT}`]), ...METADATA];
  return all.filter((target) => !allowed.includes(target));
}
