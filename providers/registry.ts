import { z } from "zod";

import { createDocker } from "./docker/docker.ts";
import { DockerSettings } from "./docker/settings.ts";
import { createLocal } from "./local/local.ts";
import { LocalSettings } from "./local/settings.ts";
import { StaticSshSettings } from "./static-ssh/settings.ts";
import { createStaticSsh } from "./static-ssh/static-ssh.ts";

import type { Provider } from "./provider.ts";
import type { HostExec } from "./static-ssh/host.ts";

/** One provider's settings, told apart by `kind`. A new provider adds its schema here and its factory below. */
const oneProvider = z.discriminatedUnion("kind", [LocalSettings, StaticSshSettings, DockerSettings]);

/** The settings' list of providers; names are what everything else calls them, so they differ. */
export const ProviderSettings = z
  .array(oneProvider)
  .max(32)
  .refine((all) => new Set(all.map(({ name }) => name)).size === all.length, "provider names must differ");

export type ProviderSettings = z.output<typeof ProviderSettings>;

export type ProviderDeps = {
  readonly clock: { now(): number; sleep(ms: number, signal?: AbortSignal): Promise<void> };
  /** Existing directory of the App; providers keep their own below it. */
  readonly stateDir: string;
  /** How a provider runs commands on hosts. */
  readonly exec: HostExec;
};

/** The one list of providers: settings to objects, by name. Opens nothing. */
export function createProviders(
  settings: ProviderSettings,
  deps: ProviderDeps,
): ReadonlyMap<string, Provider> {
  return new Map(settings.map((one) => [one.name, create(one, deps)]));
}

function create(settings: ProviderSettings[number], deps: ProviderDeps): Provider {
  switch (settings.kind) {
    case "local":
      return createLocal(settings, deps);
    case "static-ssh":
      return createStaticSsh(settings, deps);
    case "docker":
      return createDocker(settings, deps);
  }
}
