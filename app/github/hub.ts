import type { AppError } from "../errors.ts";
import { write, writeOnce } from "./call.ts";
import type { Call, CallDeps } from "./call.ts";
import { untilAborted } from "./until-aborted.ts";
import type { Paced, Pacer } from "./pacer.ts";
import type { Priority } from "./pacer-queue.ts";

/** What every noun of this edge is made of. */
export type Hub = {
  readonly appId: number;
  readonly calls: CallDeps;
  readonly pacer: Pacer;
};

/** A repository as GitHub's routes name it; follow renames by the webhook's latest names. */
export type RepositoryRef = {
  readonly installationId: number;
  readonly owner: string;
  readonly name: string;
};

export type Pace = {
  readonly priority: Priority;
  /**
   * Takes the write out while it waits for its turn. What is on its way is not broken off: GitHub may do it all the same, after what is
   * sent next. An update's caller then stops waiting for it, a creation's caller hears how it ended.
   */
  readonly signal?: AbortSignal | undefined;
};

/** Answer of a creation, which must not be repeated blindly. */
export type Created<T> =
  | { readonly kind: "written"; readonly value: T }
  /** It may exist: look it up before creating it again (law 2). */
  | { readonly kind: "unclear"; readonly error: AppError };

/** What a noun's write is, beyond the call. */
type WriteCall<T> = Omit<Call<T>, "caller" | "signal">;

/** A write that may be repeated and replaced by a newer one to the same `key`, when its installation's limits allow. */
export function pacedWrite<T>(
  hub: Hub,
  target: { readonly repository: RepositoryRef; readonly key: string | null; readonly content: boolean },
  pace: Pace,
  call: WriteCall<T>,
): Promise<Paced<T>> {
  const { installationId } = target.repository;
  const written = hub.pacer.write({
    installationId,
    key: target.key,
    priority: pace.priority,
    content: target.content,
    signal: pace.signal,
    run: () => write(hub.calls, { ...call, ...as(installationId) }),
  });
  return untilAborted(written, pace.signal);
}

/** A creation, never replaced and never repeated after an unclear failure. */
export async function pacedCreate<T>(
  hub: Hub,
  target: { readonly repository: RepositoryRef; readonly content: boolean },
  pace: Pace,
  call: WriteCall<T>,
): Promise<Created<T>> {
  const { installationId } = target.repository;
  const paced = await hub.pacer.write({
    installationId,
    key: null,
    priority: pace.priority,
    content: target.content,
    signal: pace.signal,
    run: () => writeOnce(hub.calls, { ...call, ...as(installationId) }),
  });
  if (paced.kind === "superseded") throw new Error("a write without a key was replaced");
  const sent = paced.value;
  return sent.kind === "sent" ? { kind: "written", value: sent.value } : sent;
}

/** The caller of an installation's calls. */
export function as(installationId: number): Pick<Call<never>, "caller"> {
  return { caller: { as: "installation", installationId } };
}
