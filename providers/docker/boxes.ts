import { bridgeName } from "./firewall-rules.ts";
import { isConflict, isMissing, statusOf } from "./daemon.ts";
import { isRef, labelFilter, nameOf, readLabels, toLabels } from "./labels.ts";

import type { Policy } from "./firewall-rules.ts";
import type { Daemon } from "./daemon.ts";
import type { ContainerSpec } from "./container-spec.ts";
import type { Proof } from "./labels.ts";
import { containerOptions } from "./container-spec.ts";

export type BoxesDeps = {
  readonly provider: string;
  readonly daemon: Daemon;
  readonly clock: { now(): number; sleep(ms: number, signal?: AbortSignal): Promise<void> };
};

/** A container of ours as the daemon sees it. */
export type Seen = Proof & {
  readonly status: string;
  /** Null while it has none. */
  readonly address: string | null;
};

/** The daemon's own answer to "start it" when it runs. */
const NOT_MODIFIED = 304;
/** Docker removes a network's last endpoint a moment after its container. */
const REMOVE_TRIES = 50;
const REMOVE_POLL_MS = 100;
/** A network without a container is a create under way, or was one: two calls of a minute at most, tried again within seconds. */
const STRAY_AFTER_MS = 5 * 60_000;

/** The container of a ref, whoever its owner is; null when there is none or its labels do not prove it ours. */
export async function findBox(deps: BoxesDeps, ref: string, signal: AbortSignal): Promise<Seen | null> {
  if (!isRef(ref)) return null;
  try {
    const { Config, State, NetworkSettings } = await deps.daemon(
      "look at a box",
      (docker) => docker.getContainer(nameOf(ref)).inspect(),
      signal,
    );
    const proof = readLabels(deps.provider, Config.Labels);
    if (proof?.ref !== ref) return null;
    const address = NetworkSettings.Networks[nameOf(ref)]?.IPAddress;
    return { ...proof, status: State.Status, address: address || null };
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

/** All containers of this provider, of one owner or of all. */
export async function listBoxes(
  deps: BoxesDeps,
  owner: string | undefined,
  signal: AbortSignal,
): Promise<readonly Seen[]> {
  const found = await deps.daemon(
    "list boxes",
    (docker) => docker.listContainers({ all: true, filters: labelFilter(deps.provider, owner) }),
    signal,
  );
  return found.flatMap(({ Labels, State, NetworkSettings }) => {
    const proof = readLabels(deps.provider, Labels);
    if (proof === null) return [];
    const address = NetworkSettings.Networks[nameOf(proof.ref)]?.IPAddress;
    return [{ ...proof, status: State, address: address || null }];
  });
}

/** Makes network and container, or what is missing of them, and starts it. Safe to repeat. */
export async function startBox(
  deps: BoxesDeps,
  spec: ContainerSpec,
  policy: Policy,
  signal: AbortSignal,
): Promise<void> {
  const { ref } = spec;
  const network = {
    Name: nameOf(ref),
    CheckDuplicate: true,
    Driver: "bridge",
    Internal: policy.egress === "none",
    EnableIPv6: false,
    Labels: toLabels(deps.provider, spec.request, spec.type, spec.now),
    Options: {
      "com.docker.network.bridge.name": bridgeName(policy, ref),
      "com.docker.network.bridge.enable_icc": "false",
    },
  };
  await unless(
    isConflict,
    deps.daemon("make a box's network", (docker) => docker.createNetwork(network), signal),
  );
  const options = containerOptions(spec);
  await unless(
    isConflict,
    deps.daemon("make a box", (docker) => docker.createContainer(options), signal),
  );
  const started = deps.daemon("start a box", (docker) => docker.getContainer(nameOf(ref)).start(), signal);
  await unless((error) => statusOf(error) === NOT_MODIFIED, started);
}

/** Ends container, its volume and its network; what is not there is ended. Only what our labels prove ours. */
export async function removeBox(deps: BoxesDeps, ref: string, signal: AbortSignal): Promise<void> {
  if (!isRef(ref)) return;
  for (let tries = REMOVE_TRIES; (await findBox(deps, ref, signal)) !== null && tries > 0; tries -= 1) {
    const removed = deps.daemon(
      "remove a box",
      (docker) => docker.getContainer(nameOf(ref)).remove({ force: true, v: true }),
      signal,
    );
    // A conflict is a removal that somebody else, or the daemon itself, has begun.
    await unless((error) => isMissing(error) || isConflict(error), removed);
    if ((await findBox(deps, ref, signal)) !== null) await deps.clock.sleep(REMOVE_POLL_MS, signal);
  }
  await removeNetwork(deps, ref, signal);
}

/** Removes networks of an owner whose container is gone: of boxes that ended by themselves, or were never made. */
export async function removeStrays(
  deps: BoxesDeps,
  owner: string,
  boxes: readonly Seen[],
  signal: AbortSignal,
): Promise<void> {
  const networks = await deps.daemon(
    "list boxes' networks",
    (docker) => docker.listNetworks({ filters: labelFilter(deps.provider, owner) }),
    signal,
  );
  const now = deps.clock.now();
  for (const { Labels } of networks) {
    const proof = readLabels(deps.provider, Labels);
    if (proof === null || boxes.some(({ ref }) => ref === proof.ref)) continue;
    if (now - proof.createdAt > STRAY_AFTER_MS) await removeNetwork(deps, proof.ref, signal);
  }
}

async function removeNetwork(deps: BoxesDeps, ref: string, signal: AbortSignal): Promise<void> {
  const find = async () => {
    const all = await deps.daemon(
      "look for a box's network",
      (docker) => docker.listNetworks({ filters: { ...labelFilter(deps.provider), name: [nameOf(ref)] } }),
      signal,
    );
    // The daemon's filter finds parts of names, too.
    return all.find(
      ({ Name, Labels }) => Name === nameOf(ref) && readLabels(deps.provider, Labels)?.ref === ref,
    );
  };
  for (let tries = REMOVE_TRIES; ; tries -= 1) {
    const network = await find();
    if (network === undefined) return;
    try {
      await deps.daemon("remove a box's network", (docker) => docker.getNetwork(network.Id).remove(), signal);
    } catch (error) {
      // 403 while its last endpoint is still being taken down.
      if (!isMissing(error) && tries <= 0) throw error;
      await deps.clock.sleep(REMOVE_POLL_MS, signal);
    }
  }
}

async function unless(isFine: (error: unknown) => boolean, call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (!isFine(error)) throw error;
  }
}
