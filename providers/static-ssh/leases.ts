import { endTasks } from "../end-tasks.ts";
import { ProviderError } from "../provider.ts";
import { runScript } from "./host.ts";
import { boxdCommand } from "./boxd-command.ts";
import { parseSlotLines } from "./lease-lines.ts";
import { takeSlot } from "./take.ts";

import type { CreateRequest, ProviderBox } from "../provider.ts";
import type { HostExec } from "./host.ts";
import type { HostKeys } from "./host-keys.ts";
import type { Intents } from "./intents.ts";
import type { SlotLine } from "./lease-lines.ts";
import type { Slot } from "./slots.ts";

export type LeasesDeps = {
  readonly provider: string;
  readonly exec: HostExec;
  readonly clock: { now(): number; sleep(ms: number, signal?: AbortSignal): Promise<void> };
  readonly keys: HostKeys;
  readonly intents: Intents;
};

type Lease = NonNullable<SlotLine["lease"]>;

export type TakeRequest = {
  readonly request: CreateRequest;
  /** Slots to try, in order. */
  readonly slots: readonly Slot[];
  /** Every slot: the same lease may be on one that is no longer offered. */
  readonly all: readonly Slot[];
  /** The only one a host without separation serves; empty where tasks are kept apart. */
  readonly pin: string;
  readonly now: number;
  toBox(slot: Slot, line: SlotLine): readonly ProviderBox[];
};

/** The leases on the hosts, as files that only their keeper writes. Every call is safe to repeat. */
export function createLeases(deps: LeasesDeps) {
  const run = async (
    slot: Slot,
    words: readonly string[],
    signal: AbortSignal,
  ): Promise<readonly string[]> => {
    const { lines, hostKey } = await runScript(
      deps.provider,
      deps.exec,
      slot.manager(deps.keys.of(slot.host)),
      "slot",
      words,
      signal,
    );
    deps.keys.learn(slot.host, hostKey);
    return lines;
  };
  const list = async (slots: readonly Slot[], signal: AbortSignal): Promise<readonly SlotLine[]> => {
    const [first] = slots;
    if (first === undefined) return [];
    return parseSlotLines(await run(first, ["list", ...slots.map((slot) => slot.name)], signal));
  };
  const closedError = (slot: Slot, reason: string): ProviderError =>
    new ProviderError(
      deps.provider,
      "unclear",
      `Slot ${slot.name} of ${slot.host.name} is closed: ${reason}.`,
      `Put it right on the host, then remove ~${slot.host.user}/.crabbox/slots/${slot.name}/closed there.`,
    );

  /** Ends and removes everything on the slot; a slot with survivors is closed. Answers the hash of its log-in keys. */
  const wipe = async (slot: Slot, signal: AbortSignal): Promise<string> => {
    const address = slot.box(deps.keys.of(slot.host));
    await endTasks(
      async (args, stdin) => {
        const result = await deps.exec(address, boxdCommand(address.root, args), stdin, signal);
        return result.kind === "done" && result.code === 0 ? result.stdout : null;
      },
      deps.clock,
      signal,
    );
    const { lines } = await runScript(deps.provider, deps.exec, address, "wipe", [slot.wipe], signal);
    const left = lines.flatMap((line) => (line.startsWith("left ") ? [line.slice("left ".length)] : []));
    if (left.length > 0) {
      const reason = `still running: ${left.join(", ")}`;
      await run(slot, ["close", slot.name, reason], signal);
      throw closedError(slot, reason);
    }
    return lines.find((line) => line.startsWith("keys "))?.slice("keys ".length) ?? "none";
  };
  const finish = async (
    slot: Slot,
    { owner, leaseId }: Pick<Lease, "owner" | "leaseId">,
    signal: AbortSignal,
  ) => {
    const keys = await wipe(slot, signal);
    const [answer] = await run(slot, ["prepared", slot.name, owner, leaseId, keys], signal);
    if (answer === "closed") throw closedError(slot, "its authorized_keys was changed");
    if (answer !== "ok")
      throw new ProviderError(
        deps.provider,
        "gone",
        `The lease on ${slot.host.name} ended meanwhile.`,
        "Take a new one.",
      );
  };
  return {
    list,
    wipe,
    closedError,
    take: (take: TakeRequest, signal: AbortSignal) => takeSlot({ ...deps, list, run, finish }, take, signal),
    async extend(slot: Slot, lease: Lease, expiresAt: number, signal: AbortSignal): Promise<boolean> {
      const [answer] = await run(
        slot,
        ["extend", slot.name, lease.owner, lease.leaseId, String(expiresAt)],
        signal,
      );
      return answer === "ok";
    },
    async release(slot: Slot, lease: Lease, signal: AbortSignal): Promise<void> {
      await run(slot, ["release", slot.name, lease.owner, lease.leaseId], signal);
      deps.intents.clear(lease.leaseId);
    },
  };
}
