import type { z } from "zod";
import type { Clock } from "../clock.ts";
import { AppError } from "../errors.ts";
import { classify, toFailureError } from "./failures.ts";
import type { Failure } from "./failures.ts";
import type { Log, RequestOptions, Rest, Wire } from "./octokit.ts";

/** Who calls: the App itself, one of its installations, or the bearer of a token. */
export type Caller =
  | { readonly as: "app" }
  | { readonly as: "installation"; readonly installationId: number }
  | { readonly as: "bearer"; readonly token: string };

export type Call<T> = {
  /** Named in errors, the log and metrics: "create check run". */
  readonly what: string;
  readonly caller: Caller;
  readonly reply: z.ZodType<T>;
  readonly send: (rest: Rest, options: RequestOptions) => Promise<Reply>;
  readonly signal?: AbortSignal | undefined;
};

export type Reply = {
  readonly status: number;
  readonly headers: object;
  readonly data: unknown;
};

/** Answer of a call that must not be repeated blindly. */
export type Sent<T> =
  | { readonly kind: "sent"; readonly value: T }
  /** It may have happened: look it up before sending it again (law 2). */
  | { readonly kind: "unclear"; readonly error: AppError };

export type CallTimes = {
  /** One try, connection and body included. */
  readonly tryMs: number;
  /** All tries of one call and the waits between them. */
  readonly totalMs: number;
};

/** A GitHub that says nothing must not hold anything up for longer; it gives a webhook's answer 10 s, too. */
export const DEFAULT_TIMES: CallTimes = { tryMs: 10_000, totalMs: 30_000 };

export type CallDeps = {
  readonly wire: Wire;
  readonly clock: Clock;
  readonly log: Log;
  readonly times: CallTimes;
  readonly tokens: {
    get(installationId: number): Promise<string>;
    drop(installationId: number, token: string): void;
  };
  /** Told of each try: counts and durations for metrics and the pacer. */
  readonly onTry: (seen: {
    readonly what: string;
    readonly kind: "read" | "write";
    readonly as: Caller["as"];
    readonly installationId: number | null;
    readonly outcome: "ok" | Failure["kind"];
    readonly durationMs: number;
    readonly waitMs: number | null;
  }) => void;
};

/** Tries of one call: the growing waits below sum up to under the total deadline. */
const MAX_TRIES = 4;
const FIRST_WAIT_MS = 500;

/** How a call may be repeated. */
type Repeat = {
  readonly kind: "read" | "write";
  /** After a failure that may have happened. */
  readonly unclear: boolean;
  /** Waits for a limit itself when the wait fits its deadline; writes leave that to the pacer. */
  readonly limited: boolean;
};

const READ: Repeat = { kind: "read", unclear: true, limited: true };
const WRITE: Repeat = { kind: "write", unclear: true, limited: false };
const WRITE_ONCE: Repeat = { kind: "write", unclear: false, limited: false };

/** A read, repeated as needed within its deadline. Throws AppError github_failed, github_refused, github_limited, github_gone or not_allowed. */
export async function read<T>(deps: CallDeps, call: Call<T>): Promise<T> {
  return unwrap(call, await repeat(deps, call, READ));
}

/** A write that does the same when repeated (update, delete). Throws as `read`; a limit is thrown at once, for the pacer. */
export async function write<T>(deps: CallDeps, call: Call<T>): Promise<T> {
  return unwrap(call, await repeat(deps, call, WRITE));
}

/** A write that would do it twice when repeated (create): answers `unclear` instead of guessing. */
export async function writeOnce<T>(deps: CallDeps, call: Call<T>): Promise<Sent<T>> {
  const result = await repeat(deps, call, WRITE_ONCE);
  if (result.ok) return { kind: "sent", value: result.value };
  const error = failureOf(call, result.failure);
  if (result.failure.kind === "unclear") return { kind: "unclear", error };
  throw error;
}

type Result<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly failure: Failure };

function unwrap<T>(call: Call<T>, result: Result<T>): T {
  if (result.ok) return result.value;
  throw failureOf(call, result.failure);
}

function failureOf<T>(call: Call<T>, failure: Failure): AppError {
  return toFailureError(call.what, failure, call.caller.as === "app");
}

async function repeat<T>(deps: CallDeps, call: Call<T>, may: Repeat): Promise<Result<T>> {
  const deadlineAt = deps.clock.now() + deps.times.totalMs;
  let renewed = false;
  for (let n = 1; ; n += 1) {
    const result = await once(deps, call, may);
    if (result.ok) return result;
    const { failure } = result;
    // A token dropped mid-way (revoked, or its hour was over) is minted anew once; a second 401 is an answer.
    if (failure.kind === "unauthorized" && call.caller.as === "installation" && !renewed) {
      renewed = true;
      continue;
    }
    const waitMs = waitBefore(failure, may, n);
    if (waitMs === null || deps.clock.now() + waitMs > deadlineAt) return result;
    deps.log.debug({ call: call.what, failure: failure.kind, waitMs }, "github call is repeated");
    await deps.clock.sleep(waitMs, call.signal);
  }
}

/** Milliseconds until the next try, or null when there is none. */
function waitBefore(failure: Failure, may: Repeat, n: number): number | null {
  if (n >= MAX_TRIES) return null;
  const growingMs = FIRST_WAIT_MS * 2 ** (n - 1);
  switch (failure.kind) {
    case "unsent":
      return growingMs;
    case "unclear":
      return may.unclear ? growingMs : null;
    case "limited":
      return may.limited && failure.waitMs !== null ? failure.waitMs : null;
    case "unauthorized":
    case "denied":
    case "gone":
    case "rejected":
      return null;
  }
}

async function once<T>(deps: CallDeps, call: Call<T>, may: Repeat): Promise<Result<T>> {
  call.signal?.throwIfAborted();
  const token = call.caller.as === "installation" ? await deps.tokens.get(call.caller.installationId) : null;
  const startedAt = deps.clock.now();
  const deadline = AbortSignal.timeout(deps.times.tryMs);
  const signal = call.signal === undefined ? deadline : AbortSignal.any([call.signal, deadline]);
  const result = await attempt(deps, call, optionsOf(deps, call.caller, token, signal));
  if (!result.ok) call.signal?.throwIfAborted();
  const failure = result.ok ? null : result.failure;
  if (failure?.kind === "unauthorized" && call.caller.as === "installation" && token !== null) {
    deps.tokens.drop(call.caller.installationId, token);
  }
  deps.onTry({
    what: call.what,
    kind: may.kind,
    as: call.caller.as,
    installationId: call.caller.as === "installation" ? call.caller.installationId : null,
    outcome: failure?.kind ?? "ok",
    durationMs: deps.clock.now() - startedAt,
    waitMs: failure?.kind === "limited" ? failure.waitMs : null,
  });
  return result;
}

async function attempt<T>(deps: CallDeps, call: Call<T>, options: RequestOptions): Promise<Result<T>> {
  let reply: Reply;
  try {
    reply = await call.send(deps.wire.rest, options);
  } catch (thrown) {
    return { ok: false, failure: classify(thrown, deps.clock.now()) };
  }
  // Octokit answers an empty body when the connection ends inside it: that and anything we cannot read may have happened.
  const parsed = call.reply.safeParse(reply.data);
  return parsed.success
    ? { ok: true, value: parsed.data }
    : { ok: false, failure: { kind: "unclear", cause: parsed.error } };
}

function optionsOf(
  deps: CallDeps,
  caller: Caller,
  token: string | null,
  signal: AbortSignal,
): RequestOptions {
  if (caller.as === "app") return { headers: {}, request: { signal, hook: deps.wire.asApp } };
  const bearer = caller.as === "bearer" ? caller.token : token;
  if (bearer === null)
    throw new AppError("internal", "A call to GitHub has no token.", "Report this as a bug.");
  return { headers: { authorization: `token ${bearer}` }, request: { signal } };
}
