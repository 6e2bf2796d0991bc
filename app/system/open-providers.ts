import { ProviderError, type Provider } from "../../providers/provider.ts";
import type { Clock } from "../clock.ts";
import { AppError } from "../errors.ts";
import type { Log } from "../log.ts";
import type { Settings } from "../settings.ts";

/** One try of `open`: several hosts side by side, each with a slow login. */
const OPEN_WITHIN_MS = 30_000;
/** Pauses before the next tries; the last repeats: a host that was down for a night is back within minutes of its start. */
const AGAIN_PAUSES_MS = [5_000, 15_000, 60_000, 300_000] as const;

export type OpenProvidersDeps = {
  readonly providers: ReadonlyMap<string, Provider>;
  readonly clock: Clock;
  readonly log: Log;
  /** Default: half a minute. */
  readonly openWithinMs?: number;
};

type Failure = {
  readonly error: ProviderError;
  /** It has not failed, only not answered yet: a first start may have an image to make. */
  readonly isSlow: boolean;
};

/**
 * Opens every provider. The default one must work, or still be at it (runs wait for it): an AppError `bad_settings` otherwise. Another
 * one that does not is said once, tried again in the background until it works (which is said, too), and the rest goes on without it;
 * one that can never work here is not tried again. The answer ends the trying.
 */
export async function openProviders(
  deps: OpenProvidersDeps,
  defaults: Pick<Settings["defaults"], "provider" | "class">,
): Promise<{ stop(): Promise<void> }> {
  const first = defaultOf(deps.providers, defaults);
  const failure = await tryOpen(deps, first);
  if (failure !== null && !failure.isSlow) {
    const { error } = failure;
    throw new AppError("bad_settings", `Provider "${first.name}": ${error.message}`, error.hint, error);
  }
  for (const provider of deps.providers.values())
    for (const { message, hint } of provider.caveats ?? [])
      deps.log.warn({ provider: provider.name, hint }, message);
  const stopped = new AbortController();
  const trying = await Promise.all(
    [...deps.providers.values()].map(async (provider) => {
      const failed = provider === first ? failure : await tryOpen(deps, provider);
      if (failed === null) return [];
      const { error } = failed;
      deps.log.error({ err: error, provider: provider.name, hint: error.hint }, "a provider is not ready");
      // Wrapped: it is waited for at the stop, not now.
      return error.kind === "unusable" ? [] : [{ done: openLater(deps, provider, stopped.signal) }];
    }),
  );
  return {
    async stop() {
      stopped.abort();
      await Promise.all(trying.flat().map(({ done }) => done));
    },
  };
}

function defaultOf(
  providers: ReadonlyMap<string, Provider>,
  defaults: Pick<Settings["defaults"], "provider" | "class">,
): Provider {
  const provider = providers.get(defaults.provider);
  if (provider === undefined) {
    throw new AppError(
      "bad_settings",
      `defaults.provider is "${defaults.provider}", but providers has ${[...providers.keys()].join(", ") || "none"}.`,
      "Name one of them, or add it to providers.",
    );
  }
  if (provider.types(defaults.class).length === 0) {
    throw new AppError(
      "bad_settings",
      `defaults.class is "${defaults.class}", but the provider "${defaults.provider}" has no such class.`,
      "Name one of its classes, or add this one to its `classes`.",
    );
  }
  return provider;
}

async function openLater(deps: OpenProvidersDeps, provider: Provider, stopped: AbortSignal): Promise<void> {
  for (let n = 0; ; n += 1) {
    const pauseMs = AGAIN_PAUSES_MS[Math.min(n, AGAIN_PAUSES_MS.length - 1)] ?? 0;
    await deps.clock.sleep(pauseMs, stopped).catch(() => undefined);
    if (stopped.aborted) return;
    try {
      if ((await tryOpen(deps, provider, stopped)) === null) {
        deps.log.info({ provider: provider.name, tries: n + 2 }, "a provider is ready now");
        return;
      }
    } catch (error) {
      if (stopped.aborted) return;
      deps.log.error({ err: error, provider: provider.name }, "opening a provider failed for good");
      return;
    }
  }
}

/** Null when it is open; throws what no provider throws on purpose. */
async function tryOpen(
  { openWithinMs = OPEN_WITHIN_MS }: OpenProvidersDeps,
  provider: Provider,
  stopped?: AbortSignal,
): Promise<Failure | null> {
  const deadline = AbortSignal.timeout(openWithinMs);
  try {
    await provider.open(stopped === undefined ? deadline : AbortSignal.any([deadline, stopped]));
    return null;
  } catch (thrown) {
    if (thrown instanceof ProviderError) return { error: thrown, isSlow: false };
    if (!deadline.aborted) throw thrown;
    const message = `It did not answer in ${openWithinMs / 1_000} seconds.`;
    const hint = "Check its hosts and the network; a first start may have an image to make.";
    return { error: new ProviderError(provider.name, "unclear", message, hint, thrown), isSlow: true };
  }
}
