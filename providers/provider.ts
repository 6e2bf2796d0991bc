/**
 * The contract between the App and any place boxes come from. Providers configure; the App owns the workflow.
 * Imports nothing: a provider is a plain object made by a factory, and its differences are data, not names.
 */

/** Sizes by name; each provider maps one to a list of its own types, tried in order. */
export const BOX_CLASSES = ["standard", "fast", "large", "beast"] as const;
export type BoxClass = (typeof BOX_CLASSES)[number];

/**
 * What stands between two trust domains on this provider's boxes. Untrusted code is refused below `container`.
 * `none`: one uid for all; `user`: own uid or sandbox with its own HOME; `container`; `vm`.
 */
export const ISOLATIONS = ["none", "user", "container", "vm"] as const;
export type Isolation = (typeof ISOLATIONS)[number];

/** How the App logs in to a box. */
export type BoxAddress = {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** `SHA256:...` of the host key when known beforehand; null: pinned on the first connection and kept by the App. */
  readonly hostKey: string | null;
  /** Path of the private key file on the App's machine. */
  readonly keyFile: string;
  /** boxd's root on the box (`CRABBOX_ROOT`): its own for each slot of a shared host. */
  readonly root: string;
};

/** What the App's labels (or the slot's lease file) prove; the App never touches a box without its own `owner`. */
export type BoxLabels = {
  /** Random id of the App's store: two Apps on one account never reap each other's boxes. */
  readonly owner: string;
  readonly leaseId: string;
  /** What the box may ever serve; with `:head` at its end, of the same people, whose own steps prepare it. */
  readonly trustDomain: string;
  /** Epoch ms after which the box's dead-man's switch ends it. */
  readonly expiresAt: number;
};

export type ProviderBox = {
  /** The provider's own handle: server id, slot name, directory. Unique within the provider. */
  readonly ref: string;
  readonly type: string;
  readonly state: "creating" | "ready" | "destroying" | "gone" | "unknown";
  /** Absent while it has none yet. */
  readonly address?: BoxAddress;
  readonly labels: BoxLabels;
  /** Epoch ms by the provider's clock. */
  readonly createdAt: number;
};

export type CreateRequest = {
  /** The lease's id: the same id again answers the same box, never a second one. */
  readonly idempotencyId: string;
  /** The class's types in the order to try. */
  readonly types: readonly string[];
  readonly labels: BoxLabels;
  /** Only kept apart by `isolation`; a provider that shares hosts refuses what it cannot separate. */
  readonly repository: string;
};

/** What one type costs. Micro-USD are integers. */
export type Price = {
  readonly type: string;
  readonly microUsdPerHour: number;
  /** As the provider quotes it. */
  readonly original: { readonly amount: string; readonly currency: string; readonly rateToUsd: string };
  /** Seconds a started unit is billed for, and the least billed. */
  readonly billingStepSeconds: number;
  readonly minimumSeconds: number;
  readonly source: string;
  /** ISO date on which the source said so. */
  readonly date: string;
};

export type ProviderCapabilities = {
  /** Makes images of boxes. */
  readonly snapshot: boolean;
  /** Whether the box reaches the App's git remote by itself; otherwise trees are carried. */
  readonly reach: "direct" | "none";
  /** boxd wraps the command in bubblewrap (the provider's own isolation depends on it). */
  readonly sandbox: "none" | "bwrap";
};

/**
 * A place boxes come from. Every call is safe to repeat and bounded in time; failures are `ProviderError`s.
 */
export type Provider = {
  readonly name: string;
  readonly isolation: Isolation;
  readonly capabilities: ProviderCapabilities;
  /** The types of a class in the order to try; empty when the class is not offered. */
  types(boxClass: BoxClass): readonly string[];
  /** Makes, or finds again by `idempotencyId`, one box. May answer `creating`; the caller then polls `describe`. */
  create(request: CreateRequest, signal: AbortSignal): Promise<ProviderBox>;
  /** The box as the provider sees it now; null when it is gone. */
  describe(ref: string, signal: AbortSignal): Promise<ProviderBox | null>;
  /** All boxes whose labels carry this `owner`, in any state. */
  list(owner: string, signal: AbortSignal): Promise<readonly ProviderBox[]>;
  /** Moves the expiry that labels and the dead-man's switch carry. */
  extend(ref: string, expiresAt: number, signal: AbortSignal): Promise<void>;
  /** Ends the box. A missing one counts as destroyed. `wipe`: leave nothing of it on a shared host. */
  destroy(ref: string, signal: AbortSignal): Promise<void>;
  price(type: string, signal: AbortSignal): Promise<Price>;
  /** Fetches what must be ready before `create` (keys, host process); called once at start, again after a failure. */
  open(signal: AbortSignal): Promise<void>;
  /** Lets go of local resources; boxes live on. */
  close(): Promise<void>;
  /** What an operator should know though everything works: a limit that is not enforced. Absent: nothing. */
  readonly caveats?: readonly { readonly message: string; readonly hint: string }[];
};

/** How a provider can fail; what each means decides who tries again. */
export const PROVIDER_ERROR_KINDS = ["no_capacity", "quota", "auth", "gone", "unclear", "unusable"] as const;
/**
 * `no_capacity`: nothing free now, queue it. `quota`: the account's own limit. `auth`: credentials or host key refused.
 * `gone`: the box is not there any more. `unclear`: it may or may not have happened; look it up by label first.
 * `unusable`: this provider cannot work here, or must not serve this; nothing was made, waiting does not help.
 */
export type ProviderErrorKind = (typeof PROVIDER_ERROR_KINDS)[number];

/** The only error a provider throws on purpose. */
export class ProviderError extends Error {
  override readonly name = "ProviderError";
  readonly kind: ProviderErrorKind;
  readonly provider: string;
  /** What the operator can do about it, one sentence. */
  readonly hint: string;

  constructor(provider: string, kind: ProviderErrorKind, message: string, hint: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.provider = provider;
    this.kind = kind;
    this.hint = hint;
  }
}
