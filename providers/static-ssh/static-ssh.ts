import { join } from "node:path";

import { ProviderError } from "../provider.ts";
import { priceOf } from "../settings.ts";
import { createHostKeys } from "./host-keys.ts";
import { createIntents } from "./intents.ts";
import { fitsLease } from "./lease-lines.ts";
import { createLeases } from "./leases.ts";
import { parseRef, refOf, slotsOf } from "./slots.ts";

import type { CreateRequest, Provider, ProviderBox } from "../provider.ts";
import type { HostExec } from "./host.ts";
import type { SlotLine } from "./lease-lines.ts";
import type { StaticSshSettings } from "./settings.ts";
import type { Slot } from "./slots.ts";

export type StaticSshDeps = {
  readonly clock: { now(): number; sleep(ms: number, signal?: AbortSignal): Promise<void> };
  /** Runs commands on hosts; providers have no SSH of their own. */
  readonly exec: HostExec;
  /** Where learned host keys are kept. */
  readonly stateDir: string;
};

/** Boxes that are slots of hosts which are there already; a lease file on the host is what makes one the App's. */
export function createStaticSsh(settings: StaticSshSettings, deps: StaticSshDeps): Provider {
  const { name, separation, hosts } = settings;
  const keys = createHostKeys(join(deps.stateDir, `${name}.host-keys.json`));
  const slots = hosts.flatMap((host) => slotsOf(host, separation));
  const intents = createIntents(join(deps.stateDir, `${name}.intents`), deps.clock.now());
  const leases = createLeases({ provider: name, exec: deps.exec, clock: deps.clock, keys, intents });

  const toBox = (slot: Slot, line: SlotLine): readonly ProviderBox[] => {
    if (line.lease === null) return [];
    const { leaseId, createdAt, ...labels } = line.lease;
    const box = {
      ref: refOf(slot, leaseId),
      type: slot.host.name,
      createdAt,
      labels: { ...labels, leaseId },
    };
    if (line.closed !== null) return [{ ...box, state: "unknown" }];
    if (!line.prepared) return [{ ...box, state: "creating" }];
    return [{ ...box, state: "ready", address: slot.box(keys.of(slot.host)) }];
  };
  const find = async (ref: string, signal: AbortSignal): Promise<{ slot: Slot; line: SlotLine } | null> => {
    const parts = parseRef(ref);
    const slot = slots.find((one) => one.host.name === parts?.host && one.name === parts.slot);
    if (parts === null || slot === undefined) return null;
    const [line] = await leases.list([slot], signal);
    return line?.lease?.leaseId === parts.leaseId ? { slot, line } : null;
  };

  const creating = new Map<string, Promise<ProviderBox>>();
  const create = async (request: CreateRequest, signal: AbortSignal): Promise<ProviderBox> => {
    checkRequest(name, request);
    const { owner, trustDomain } = request.labels;
    // Whoever has their own steps run there may run commands there: the wiping between two leases is what keeps them apart.
    const people = trustDomain.replace(/:head$/u, "");
    const pin = separation === "none" ? `${owner} ${request.repository} ${people}` : "";
    const taking = { request, slots: offered(slots, request), all: slots, pin, now: deps.clock.now(), toBox };
    return leases.take(taking, signal);
  };

  return {
    name,
    isolation: settings.isolation ?? (separation === "none" ? "none" : "user"),
    capabilities: { snapshot: false, reach: "direct", sandbox: separation === "bwrap" ? "bwrap" : "none" },
    types: (boxClass) => (settings.classes.includes(boxClass) ? hosts.map((host) => host.name) : []),
    async open(signal) {
      // All at once, and each one's failure is only its own: a host that is down now may be up for the next lease.
      const contacts = await Promise.allSettled(
        hosts.map((host) => leases.list(slotsOf(host, separation), signal)),
      );
      const failed = contacts.filter((contact) => contact.status === "rejected");
      if (failed.length === hosts.length) throw failed[0]?.reason;
    },
    create(request, signal) {
      // Two at once for one lease would wipe what the first has made ready.
      const running = creating.get(request.idempotencyId);
      if (running !== undefined) return running;
      const made = create(request, signal).finally(() => creating.delete(request.idempotencyId));
      creating.set(request.idempotencyId, made);
      return made;
    },
    async describe(ref, signal) {
      const found = await find(ref, signal);
      return found === null ? null : (toBox(found.slot, found.line)[0] ?? null);
    },
    async list(owner, signal) {
      // One host that cannot be asked fails the whole list: a short list would read as "those boxes are gone".
      const boxes = await Promise.all(
        hosts.map(async (host) => {
          const own = slotsOf(host, separation);
          const lines = await leases.list(own, signal);
          return lines.flatMap((line) =>
            own.filter((slot) => slot.name === line.slot).flatMap((slot) => toBox(slot, line)),
          );
        }),
      );
      return boxes.flat().filter((box) => box.labels.owner === owner);
    },
    async extend(ref, expiresAt, signal) {
      const found = await find(ref, signal);
      const done = found?.line.lease
        ? await leases.extend(found.slot, found.line.lease, expiresAt, signal)
        : false;
      if (!done) throw new ProviderError(name, "gone", `Box ${ref} is gone.`, "Take a new one.");
    },
    async destroy(ref, signal) {
      const found = await find(ref, signal);
      if (!found?.line.lease) return;
      if (found.line.closed !== null) throw leases.closedError(found.slot, found.line.closed);
      await leases.wipe(found.slot, signal);
      await leases.release(found.slot, found.line.lease, signal);
    },
    async price(type) {
      return priceOf(type, hosts.find((host) => host.name === type)?.price, deps.clock.now());
    },
    async close() {
      // Connections belong to who runs the commands.
    },
  };
}

function offered(slots: readonly Slot[], request: CreateRequest): readonly Slot[] {
  return request.types.flatMap((type) => slots.filter((slot) => slot.host.name === type));
}

function checkRequest(provider: string, { idempotencyId, labels, repository }: CreateRequest): void {
  const idFits = /^[a-zA-Z0-9_-]{1,64}$/.test(idempotencyId) && labels.leaseId === idempotencyId;
  if (idFits && [labels.owner, labels.trustDomain, repository].every(fitsLease)) return;
  throw new ProviderError(
    provider,
    "unusable",
    "The lease cannot be written down on the host.",
    "Its labels must be single lines and its id the lease's.",
  );
}
