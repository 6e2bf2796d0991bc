import { BOX_CLASSES, type BoxClass, type Provider } from "../../providers/provider.ts";
import { didYouMean } from "../did-you-mean.ts";
import { parseDuration, writeDuration } from "../duration.ts";
import type { RunOptions } from "../store/rows.ts";
import type { Actor, Bound, CommandLimits, Invocation } from "./command.ts";
import { echo, type Flag } from "./flags.ts";

/** What a comment asked for; absent is left to the server. */
export type AskedOptions = {
  readonly class?: BoxClass;
  readonly provider?: string;
  readonly timeoutMs?: number;
  readonly ttlMs?: number;
  readonly idleMs?: number;
};

/** Flags of every command that makes a run. */
export const OPTION_FLAGS: readonly Flag[] = [
  { name: "class", value: "CLASS", summary: `Size of the box: ${BOX_CLASSES.join(", ")}.` },
  { name: "provider", value: "NAME", summary: "Where the box comes from." },
  { name: "timeout", value: "30m", summary: "Stop the command after this time." },
  { name: "ttl", value: "90m", summary: "Longest life of the box." },
  { name: "idle", value: "10m", summary: "Keep the box warm this long afterwards; `0s` ends it at once." },
];

/** A task needs this long before it can be told from one that never started. */
const MIN_TIME_MS = 1_000;

type Read<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly message: string };

/** Reads the option flags; names the first bad value. */
export function readOptions(flags: Invocation["flags"]): Read<AskedOptions> {
  const boxClass = flags.get("class");
  if (typeof boxClass === "string" && !isBoxClass(boxClass)) {
    const guess = didYouMean(boxClass, BOX_CLASSES);
    const meant = guess === null ? "" : ` Did you mean \`${guess}\`?`;
    return {
      ok: false,
      message: `There is no class ${echo(boxClass)}.${meant} There are ${BOX_CLASSES.join(", ")}.`,
    };
  }
  const provider = flags.get("provider");
  const times: { -readonly [K in "timeoutMs" | "ttlMs" | "idleMs"]?: number } = {};
  for (const [name, key, least] of [
    ["timeout", "timeoutMs", MIN_TIME_MS],
    ["ttl", "ttlMs", MIN_TIME_MS],
    ["idle", "idleMs", 0],
  ] as const) {
    const typed = flags.get(name);
    if (typeof typed !== "string") continue;
    const ms = parseDuration(typed.toLowerCase());
    if (ms === null || ms < least) {
      return {
        ok: false,
        message: `\`--${name}\` needs a duration such as \`90s\`, \`30m\` or \`1h30m\`, not ${echo(typed)}.`,
      };
    }
    times[key] = ms;
  }
  return {
    ok: true,
    value: {
      ...times,
      ...(typeof boxClass === "string" && isBoxClass(boxClass) ? { class: boxClass } : {}),
      ...(typeof provider === "string" ? { provider } : {}),
    },
  };
}

/**
 * What is asked, within what the server allows. Times are cut to the maximum, each with a note that says so; a class or provider that
 * is not offered is refused.
 */
export function settleOptions(
  asked: AskedOptions,
  limits: CommandLimits,
  providers: ReadonlyMap<string, Pick<Provider, "types">>,
): Read<{ readonly options: RunOptions; readonly notes: readonly string[] }> {
  const boxClass = asked.class ?? limits.defaultClass;
  if (!limits.classes.includes(boxClass)) {
    return {
      ok: false,
      message: `This server does not offer the class ${echo(boxClass)}. It offers ${list(limits.classes)}.`,
    };
  }
  const names = [...providers.keys()];
  const provider = providers.get(asked.provider ?? limits.defaultProvider);
  if (asked.provider !== undefined && provider === undefined) {
    const guess = didYouMean(asked.provider, names);
    const meant = guess === null ? "" : ` Did you mean \`${guess}\`?`;
    return {
      ok: false,
      message: `This server has no provider ${echo(asked.provider)}.${meant} It has ${list(names)}.`,
    };
  }
  if (provider?.types(boxClass).length === 0) {
    const offered = limits.classes.filter((one) => provider.types(one).length > 0);
    const name = echo(asked.provider ?? limits.defaultProvider);
    return {
      ok: false,
      message: `Provider ${name} does not offer the class ${echo(boxClass)}. It offers ${list(offered)}.`,
    };
  }
  const notes: string[] = [];
  const within = (flag: string, wanted: number, max: number) => {
    if (wanted <= max) return wanted;
    notes.push(`\`--${flag}\` is cut to the most this server allows, \`${writeDuration(max)}\`.`);
    return max;
  };
  const timeout = within("timeout", asked.timeoutMs ?? limits.timeoutMs.default, limits.timeoutMs.max);
  // A longer time limit asks for a longer life too, unless the comment named one.
  const life = asked.ttlMs ?? Math.max(limits.ttlMs.default, withRoom(timeout, limits.ttlMs));
  const ttlMs = within("ttl", life, limits.ttlMs.max);
  const timeoutMs = Math.min(timeout, ttlMs);
  if (timeoutMs < timeout)
    notes.push(`The time limit is \`${writeDuration(timeoutMs)}\`, the life of the box.`);
  const idleMs = within("idle", asked.idleMs ?? limits.idleMs.default, limits.idleMs.max);
  return {
    ok: true,
    value: {
      options: {
        class: boxClass,
        ...(asked.provider === undefined ? {} : { provider: asked.provider }),
        timeoutMs,
        ttlMs,
        idleMs,
      },
      notes,
    },
  };
}

/** The options as this actor's: a bot's run carries the bot's cap, a person's none, whoever asked for it first. */
export function forActor(options: RunOptions, actor: Actor): RunOptions {
  const { capMicroUsd } = actor;
  return capMicroUsd === undefined ? options : { ...options, actorCapMicroUsd: capMicroUsd };
}

/** Time for bringing the box up and the commit onto it, beside the command's own. */
const SET_UP_ROOM_MS = 15 * 60_000;

function withRoom(timeoutMs: number, ttl: Bound): number {
  return Math.min(timeoutMs + SET_UP_ROOM_MS, ttl.max);
}

function isBoxClass(text: string): text is BoxClass {
  return BOX_CLASSES.some((known) => known === text);
}

function list(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(", ");
}
