import { mkdirSync, realpathSync } from "node:fs";
import { join } from "node:path";

import { ProviderError } from "../provider.ts";
import { priceOf } from "../settings.ts";
import { containerReason, readContainerFacts } from "./container.ts";
import {
  boxPaths,
  isRef,
  localPaths,
  markDestroying,
  placeOf,
  readBox,
  readBoxes,
  writeExpiry,
} from "./files.ts";
import { ensureKey, fingerprint, loadKey } from "../keys.ts";
import { ensureHost, readLaunchFacts } from "./launch.ts";
import { makeBox } from "./make-box.ts";
import { bubblewrapWorks, refusalOf } from "./refusal.ts";

import type { CreateRequest, Provider, ProviderBox } from "../provider.ts";
import type { BoxFiles } from "./files.ts";
import type { ContainerFacts } from "./container.ts";
import type { LaunchFacts } from "./launch.ts";
import type { LocalSettings } from "./settings.ts";

export type LocalDeps = {
  readonly clock: { now(): number; sleep(ms: number, signal?: AbortSignal): Promise<void> };
  /** The App's state directory; the provider keeps all its own below it. */
  readonly stateDir: string;
  /** Facts of the machine, read here when absent. */
  readonly containerFacts?: ContainerFacts;
  readonly launchFacts?: LaunchFacts;
  readonly bubblewrapWorks?: boolean;
};

/** The one type: a directory on this machine has no sizes. */
const TYPE = "local";
/** A task's grace (10 s), boxd's verification and a large directory's removal; then the caller asks again. */
const DESTROY_WAIT_MS = 90_000;
const DESTROY_POLL_MS = 50;

/** Boxes that are directories on the App's own machine, reached by the same SSH as any other box. */
export function createLocal(settings: LocalSettings, deps: LocalDeps): Provider {
  const { name } = settings;
  const { clock } = deps;
  const home = join(deps.stateDir, name);
  mkdirSync(localPaths(home).boxes, { recursive: true, mode: 0o700 });
  const dir = realpathSync(home);
  const paths = localPaths(dir);
  const sandboxed = deps.bubblewrapWorks ?? bubblewrapWorks();
  const launch = {
    clock,
    dir,
    provider: name,
    hide: realpathSync(deps.stateDir),
    facts: deps.launchFacts ?? readLaunchFacts(),
    idleMs: Math.round(settings.idleMinutes * 60_000),
  };
  const fail = (kind: "no_capacity" | "gone" | "unclear" | "unusable", message: string, hint: string) =>
    new ProviderError(name, kind, message, hint);

  const refuseWhereUnfit = () => {
    const refusal = refusalOf({
      platform: process.platform,
      sandboxed,
      unsafe: settings.unsafe,
      containerReason:
        settings.inContainer === "allow"
          ? null
          : containerReason(deps.containerFacts ?? readContainerFacts()),
    });
    if (refusal !== null) throw fail("unusable", refusal.message, refusal.hint);
  };

  const toBox = async (box: BoxFiles, signal: AbortSignal): Promise<ProviderBox> => {
    const { ref, type, createdAt, labels } = box;
    if (box.closed !== null) return { ref, type, createdAt, labels, state: "unknown" };
    if (box.destroying) return { ref, type, createdAt, labels, state: "destroying" };
    const port = await ensureHost(launch, signal);
    const hostKey = fingerprint(loadKey(paths.hostKey));
    const address = {
      host: "127.0.0.1",
      port,
      user: ref,
      hostKey,
      keyFile: paths.clientKey,
      root: boxPaths(box.at).root,
    };
    return { ref, type, createdAt, labels, state: "ready", address };
  };

  return {
    name,
    isolation: sandboxed ? "user" : "none",
    capabilities: { snapshot: false, reach: "direct", sandbox: sandboxed ? "bwrap" : "none" },
    types: (boxClass) => (settings.classes.includes(boxClass) ? [TYPE] : []),
    async open(signal) {
      refuseWhereUnfit();
      ensureKey(paths.hostKey);
      ensureKey(paths.clientKey);
      await ensureHost(launch, signal);
    },
    async create(request, signal) {
      signal.throwIfAborted();
      // Asked for again: a server goes on without a provider that could not be opened, and people may name it still.
      refuseWhereUnfit();
      const ref = refOf(request, fail);
      if (readBox(dir, ref) === null) {
        if (!request.types.includes(TYPE))
          throw fail("unusable", "The local provider has one type only, `local`.", "Check the class.");
        if (readBoxes(dir).length >= settings.maxBoxes) {
          throw fail(
            "no_capacity",
            `All ${settings.maxBoxes} local boxes are taken.`,
            "Wait for one, or raise `maxBoxes`.",
          );
        }
        // No await since the count: two creates of one App cannot both take the last place.
        makeBox(dir, ref, TYPE, request.labels, clock.now());
      }
      const box = readBox(dir, ref);
      if (box === null)
        throw fail(
          "unclear",
          `Box ${ref} is there but has no readable labels.`,
          `Look at ${placeOf(dir, ref) ?? paths.boxes}.`,
        );
      if (box.labels.owner !== request.labels.owner)
        throw fail(
          "unusable",
          `Box ${ref} belongs to another App.`,
          "Use a state directory of its own for each App.",
        );
      return toBox(box, signal);
    },
    async describe(ref, signal) {
      const box = readBox(dir, ref);
      return box === null ? null : toBox(box, signal);
    },
    list: (owner, signal) =>
      Promise.all(
        readBoxes(dir)
          .filter((box) => box.labels.owner === owner)
          .map((box) => toBox(box, signal)),
      ),
    async extend(ref, expiresAt) {
      const box = readBox(dir, ref);
      if (box === null || box.destroying || !writeExpiry(dir, ref, expiresAt)) {
        throw fail("gone", `Box ${ref} is gone.`, "Take a new one.");
      }
    },
    async destroy(ref, signal) {
      if (readBox(dir, ref) === null) return;
      if (!markDestroying(dir, ref)) return;
      await ensureHost(launch, signal);
      const deadline = clock.now() + DESTROY_WAIT_MS;
      for (let box = readBox(dir, ref); box !== null; box = readBox(dir, ref)) {
        if (box.closed !== null) {
          throw fail(
            "unclear",
            `Box ${ref} could not be emptied: ${box.closed}.`,
            `End these processes, then remove ${boxPaths(box.at).closed}.`,
          );
        }
        if (clock.now() > deadline)
          throw fail("unclear", `Box ${ref} is still being ended.`, "It goes on by itself; ask again.");
        await clock.sleep(DESTROY_POLL_MS, signal);
      }
    },
    async price(type) {
      return priceOf(type, settings.price, clock.now());
    },
    async close() {
      // The host process is nobody's child and lives on with its boxes.
    },
  };
}

function refOf(
  request: CreateRequest,
  fail: (kind: "unusable", message: string, hint: string) => ProviderError,
): string {
  const ref = request.idempotencyId.toLowerCase();
  if (isRef(ref)) return ref;
  throw fail(
    "unusable",
    "The lease's id cannot name a directory.",
    "Use letters, digits, dashes and underscores.",
  );
}
