/** What may go wrong with a call, on purpose. */
export type FaultEffect =
  | "secondary"
  | "primary"
  | "too-many"
  | "server-error"
  | "bad-gateway"
  | "hang"
  | "close-before"
  | "close-after"
  | "delay";

export type CallKind = "api" | "git" | "lfs";
export type Scope = "api" | "git" | "all";

export type ApiFault = {
  effect: FaultEffect;
  /** Which calls: default every API call. `path` is a regular expression on the path without /api/v3. */
  method?: string;
  path?: string;
  scope?: Scope;
  /** From the nth matching call on (1 is the next), so many times (0: for ever). Default: the next one, once. */
  nth?: number;
  times?: number;
  delayMs?: number;
};

/**
 * Kills a process with SIGKILL when the nth call in scope arrives: before anything is done, or done but not answered. With `method` or
 * `path` (as in a fault) only such calls count.
 */
export type KillAt = {
  n: number;
  when: "before" | "after";
  pid: number;
  scope?: Scope;
  method?: string;
  path?: string;
};

export type FaultState = {
  /** Calls seen since the last reset, LFS counted with git. */
  calls: { api: number; git: number };
  faults: (ApiFault & { matched: number; fired: number })[];
  kill: (KillAt & { seen: number; firedAt: { method: string; path: string } | null }) | null;
};

export type Decision = { effect: FaultEffect | null; delayMs: number; kill: KillAt | null };

export type ApiFaults = {
  /** Counts a call and says what befalls it. */
  arrive: (kind: CallKind, method: string, path: string) => Decision;
  set: (faults: readonly ApiFault[]) => void;
  killAt: (kill: KillAt | null) => void;
  resetCounts: () => void;
  state: () => FaultState;
};

const DEFAULT_DELAY_MS = 1_000;

/** No faults at first. */
export function createApiFaults(): ApiFaults {
  let calls = { api: 0, git: 0 };
  let faults: FaultState["faults"] = [];
  let kill: FaultState["kill"] = null;
  return {
    arrive: (kind, method, path) => {
      calls[kind === "api" ? "api" : "git"] += 1;
      let effect: FaultEffect | null = null;
      let delayMs = 0;
      for (const fault of faults) {
        if (!matches(fault, kind, method, path)) continue;
        fault.matched += 1;
        const since = fault.matched - (fault.nth ?? 1);
        const times = fault.times ?? 1;
        if (since < 0 || (times !== 0 && since >= times)) continue;
        fault.fired += 1;
        if (fault.effect === "delay") delayMs += fault.delayMs ?? DEFAULT_DELAY_MS;
        else effect ??= fault.effect;
      }
      if (kill === null || kill.firedAt !== null || !matches(kill, kind, method, path))
        return { effect, delayMs, kill: null };
      kill.seen += 1;
      if (kill.seen !== kill.n) return { effect, delayMs, kill: null };
      kill.firedAt = { method, path };
      return { effect, delayMs, kill };
    },
    set: (list) => {
      faults = list.map((fault) => ({ ...fault, matched: 0, fired: 0 }));
    },
    killAt: (next) => {
      kill = next === null ? null : { ...next, seen: 0, firedAt: null };
    },
    resetCounts: () => {
      calls = { api: 0, git: 0 };
    },
    state: () => ({ calls, faults, kill }),
  };
}

function matches(
  fault: Pick<ApiFault, "scope" | "method" | "path">,
  kind: CallKind,
  method: string,
  path: string,
): boolean {
  if (!inScope(fault.scope ?? "api", kind)) return false;
  if (fault.method !== undefined && fault.method.toUpperCase() !== method) return false;
  return fault.path === undefined || new RegExp(fault.path).test(path);
}

function inScope(scope: Scope, kind: CallKind): boolean {
  if (scope === "all") return true;
  return scope === "api" ? kind === "api" : kind !== "api";
}
