import { join } from "node:path";

import { ensureKey } from "../keys.ts";
import { ProviderError } from "../provider.ts";
import { priceOf } from "../settings.ts";
import { findBox, listBoxes, removeBox, removeStrays } from "./boxes.ts";
import { createDaemon, untilAborted } from "./daemon.ts";
import { holdFirewall, machineNameservers } from "./firewall.ts";
import { ensureImage } from "./image.ts";
import { writeExpiry } from "./in-box.ts";
import { createKeptBoxes } from "./kept.ts";
import { isRef, nameOf } from "./labels.ts";
import { makeBox, stateOf, toBox } from "./make-box.ts";
import { checkRequest, limitsOf } from "./request.ts";
import { caveatsOf, withoutQuota } from "./disk.ts";
import { measureIsolation } from "./isolation.ts";

import type { BoxClass, CreateRequest, Isolation, Provider, ProviderBox } from "../provider.ts";
import type { Policy } from "./firewall-rules.ts";
import type { DockerSettings } from "./settings.ts";

export type DockerDeps = {
  readonly clock: { now(): number; sleep(ms: number, signal?: AbortSignal): Promise<void> };
  /** The App's state directory; the provider keeps all its own below it. */
  readonly stateDir: string;
  /** How firewall rules are kept; the machine's own when absent. */
  readonly firewall?: typeof holdFirewall;
};

/** Boxes that are containers of the Docker daemon on the App's own machine, each with a network of its own. */
export function createDocker(settings: DockerSettings, deps: DockerDeps): Provider {
  const { name } = settings;
  const { clock } = deps;
  const dir = join(deps.stateDir, name);
  const keyFile = join(dir, "client_key");
  const kept = createKeptBoxes(join(dir, "boxes"));
  const policy: Policy = {
    egress: settings.egress,
    reach: settings.reach,
    nameservers: settings.dns.length > 0 ? settings.dns : machineNameservers(),
  };
  const daemon = createDaemon(name, settings.socketPath);
  const boxes = { provider: name, daemon, clock };
  const firewall = deps.firewall ?? holdFirewall;
  /** Null until the daemon, the image and the network were found good. */
  let opened: { readonly isolation: Isolation } | null = null;
  let building: Promise<string> | null = null;
  let last: Promise<unknown> = Promise.resolve();
  /** One after the other: two that count boxes at once both find the last place free, and rules are written by one. */
  const alone = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = last.then(work, work);
    last = turn.catch(() => undefined);
    return turn;
  };

  const make = (
    request: Pick<CreateRequest, "labels">,
    ref: string,
    type: string,
    image: string,
    signal: AbortSignal,
  ) => makeBox({ ...boxes, settings, policy, kept, keyFile }, { request, ref, type, image }, signal);

  /** Made once, whoever waits for it: a caller's patience may be shorter than a pull and a build. */
  const imageReady = (signal: AbortSignal) => {
    building ??= ensureImage(settings, daemon, new AbortController().signal).finally(() => (building = null));
    return untilAborted(building, signal);
  };

  const open = async (signal: AbortSignal) => {
    ensureKey(keyFile);
    const image = await imageReady(signal);
    const deps = { ...boxes, settings, policy, firewall, make, image, forget: kept.drop };
    const isolation = await measureIsolation(deps, signal).catch((error: unknown) => {
      throw withoutQuota(settings, error);
    });
    opened = { isolation };
  };

  const create = async (request: CreateRequest, signal: AbortSignal): Promise<ProviderBox> => {
    const { ref, type } = checkRequest(settings, request);
    if (opened === null) await open(signal);
    // Somebody may have cleared it away since.
    const image = await imageReady(signal);
    const all = await listBoxes(boxes, undefined, signal);
    const own = all.find((one) => one.ref === ref);
    if (own !== undefined && own.labels.owner !== request.labels.owner)
      throw new ProviderError(
        name,
        "unusable",
        `Box ${ref} belongs to another App.`,
        "Give each provider a name of its own.",
      );
    if (own === undefined && all.length >= settings.maxBoxes)
      throw new ProviderError(
        name,
        "no_capacity",
        `All ${settings.maxBoxes} boxes of ${name} are taken.`,
        "Wait for one, or raise `maxBoxes`.",
      );
    // A container of that name is gone, and its host key with it.
    if (own === undefined) kept.drop(ref);
    await firewall(policy);
    try {
      return await make(request, ref, own?.type ?? type, image, signal);
    } catch (error) {
      // Refused as a whole: what was made of it before is of no use, and nobody would ask for it again.
      if (error instanceof ProviderError && error.kind === "unusable") {
        await removeBox(boxes, ref, signal);
        kept.drop(ref);
      }
      throw error;
    }
  };

  return {
    name,
    get isolation() {
      return opened?.isolation ?? "none";
    },
    capabilities: { snapshot: false, reach: "direct", sandbox: "none" },
    types: (boxClass: BoxClass) => (settings.classes[boxClass] === undefined ? [] : [boxClass]),
    async open(signal) {
      await alone(() => open(signal));
    },
    create: (request, signal) => alone(() => create(request, signal)),
    async describe(ref, signal) {
      const seen = await findBox(boxes, ref, signal);
      return seen === null ? null : toBox(seen, kept.of(ref), keyFile);
    },
    async list(owner, signal) {
      const seen = await listBoxes(boxes, owner, signal);
      // The reconciler's round: what was flushed, or ended by itself, is put in order here.
      await alone(() => firewall(policy));
      for (const { ref, status } of seen) if (stateOf(status) === "gone") await removeBox(boxes, ref, signal);
      await removeStrays(boxes, owner, seen, signal);
      return seen.map((one) => toBox(one, kept.of(one.ref), keyFile)).filter(({ state }) => state !== "gone");
    },
    async extend(ref, expiresAt, signal) {
      const seen = await findBox(boxes, ref, signal);
      const box = isRef(ref) ? kept.of(ref) : null;
      if (seen === null || seen.status !== "running" || box === null)
        throw new ProviderError(name, "gone", `Box ${ref} is gone.`, "Take a new one.");
      await writeExpiry(boxes, nameOf(ref), expiresAt, signal);
      kept.keep(ref, { ...box, expiresAt });
    },
    async destroy(ref, signal) {
      if (!isRef(ref)) return;
      await removeBox(boxes, ref, signal);
      kept.drop(ref);
    },
    async price(type) {
      return priceOf(type, limitsOf(settings, type).price, clock.now());
    },
    caveats: caveatsOf(settings),
    async close() {
      // Containers are the daemon's and live on; there is nothing open between calls.
    },
  };
}
