import type { BoxClass } from "../../providers/provider.ts";
import type { CommandLimits } from "../commands/command.ts";
import type { AskedOptions } from "../commands/run-options.ts";
import type { ForkPolicy } from "../forks/policy.ts";
import type { HydrateAsked } from "../hydrate/hydrate-asked.ts";
import type { RunOptions } from "../store/rows.ts";
import type { RepoConfig } from "./schema.ts";

/** What a command of the repository may ask for: the server's limits, less what the file takes away. */
export type Narrowed<P> = { readonly limits: CommandLimits; readonly providers: ReadonlyMap<string, P> };

/** The server's limits within the file's; the file never adds to them (law 12). */
export function narrowLimits<P>(
  config: RepoConfig,
  limits: CommandLimits,
  providers: ReadonlyMap<string, P>,
): Narrowed<P> {
  const file = config.limits;
  const classes = limits.classes.filter((one) => file.classes?.includes(one) ?? true);
  const kept = [...providers].filter(([name]) => file.providers?.includes(name) ?? true);
  return {
    providers: new Map(kept),
    limits: {
      ...limits,
      classes,
      defaultClass: firstOf(limits.defaultClass, classes),
      defaultProvider: firstOf(
        limits.defaultProvider,
        kept.map(([name]) => name),
      ),
      timeoutMs: bound(limits.timeoutMs, file.timeout),
      ttlMs: bound(limits.ttlMs, file.ttl),
      idleMs: bound(limits.idleMs, file.idle),
    },
  };
}

/** What is asked for, filled up in order: the command itself, its named command, the file's defaults. `limits` are narrowed already. */
export function fillOptions(
  config: RepoConfig,
  asked: AskedOptions,
  named: RepoConfig["defaults"],
  limits: CommandLimits,
): AskedOptions {
  const { defaults } = config;
  const timeoutMs = asked.timeoutMs ?? named.timeout ?? defaults.timeout;
  const ttlMs = asked.ttlMs ?? named.ttl ?? defaults.ttl;
  const idleMs = asked.idleMs ?? named.idle ?? defaults.idle;
  const boxClass: BoxClass | undefined = asked.class ?? named.class ?? defaults.class;
  // A run without a provider goes to the server's default one, which the file may have taken away.
  const instead = config.limits.providers === undefined ? undefined : limits.defaultProvider;
  const provider = asked.provider ?? named.provider ?? defaults.provider ?? instead;
  return {
    ...(boxClass === undefined ? {} : { class: boxClass }),
    ...(provider === undefined ? {} : { provider }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(ttlMs === undefined ? {} : { ttlMs }),
    ...(idleMs === undefined ? {} : { idleMs }),
  };
}

/** What a run keeps of the file besides: the server's variables it gets, how it heeds others of its check, and what prepares its box. */
export function fileOptions({
  env,
  concurrency,
  hydrate,
  keep,
  results,
  artifacts,
}: RepoConfig): Pick<RunOptions, "artifacts" | "env" | "group" | "hydrate" | "keep" | "results"> {
  return {
    ...(keep === undefined ? {} : { keep }),
    ...(results === undefined ? {} : { results }),
    ...(artifacts === undefined ? {} : { artifacts }),
    ...(env === undefined ? {} : { env }),
    ...(concurrency === undefined ? {} : { group: concurrency }),
    ...(hydrate === undefined ? {} : { hydrate: hydrateAsked(hydrate, "crabbox.yml") }),
  };
}

/** The workflow and job that somebody named, and what they said about them. */
export function hydrateAsked(
  { workflow, job, matrix, needs }: HydrateNamed,
  by: HydrateAsked["by"],
): HydrateAsked {
  return {
    ...(workflow === undefined ? {} : { workflow }),
    ...(job === undefined ? {} : { job }),
    ...(matrix === undefined ? {} : { matrix }),
    ...(needs === true ? { needs } : {}),
    by,
  };
}

/** What a command says of the set-up, laid over what the file says: another job is another matrix, too. */
export function mergeHydrate(file: RepoConfig["hydrate"], asked: HydrateAsked | null): HydrateAsked | null {
  if (file === undefined) return asked;
  if (asked === null) return hydrateAsked(file, "crabbox.yml");
  if (asked.workflow !== undefined || asked.job !== undefined) return asked;
  return { ...hydrateAsked(file, "name"), ...asked };
}

type HydrateNamed = {
  readonly workflow?: string | undefined;
  readonly job?: string | undefined;
  readonly matrix?: Readonly<Record<string, string>> | undefined;
  readonly needs?: boolean | undefined;
};

/** The stricter of the server's policy for forks and the file's. */
export function narrowForks(config: RepoConfig, server: ForkPolicy): ForkPolicy {
  const { policy, team } = config.forks;
  if (server.kind === "never" || policy === "never") return { kind: "never" };
  if (policy !== "approve_team" || team === undefined || server.team !== null) return server;
  const [org = "", slug = ""] = team.split("/");
  return { ...server, team: { org, slug } };
}

function firstOf<T>(wanted: T, offered: readonly T[]): T {
  return offered.includes(wanted) ? wanted : (offered[0] ?? wanted);
}

function bound(server: CommandLimits["ttlMs"], most: number | undefined): CommandLimits["ttlMs"] {
  const max = Math.min(server.max, most ?? server.max);
  return { max, default: Math.min(server.default, max) };
}
