import { z } from "zod";

import type { BoxLabels, CreateRequest } from "../provider.ts";

const PREFIX = "app.crabbox.";
/** A lease's id, lower case; part of container and network names. */
const REF = /^[a-z0-9][a-z0-9_-]{0,63}$/;

const labelsSchema = z.object({
  provider: z.string(),
  owner: z.string(),
  lease: z.string(),
  "trust-domain": z.string(),
  expires: z.coerce.number().int().positive(),
  created: z.coerce.number().int().positive(),
  type: z.string(),
});

/** What a container's or network's labels prove. */
export type Proof = {
  readonly ref: string;
  readonly type: string;
  /** Epoch ms. */
  readonly createdAt: number;
  readonly labels: BoxLabels;
};

/** Whether a string can be a box's ref; anything else never becomes part of a name. */
export function isRef(ref: string): boolean {
  return REF.test(ref);
}

/** What container and network of a box are called: the second create of a lease meets the first one's name. */
export function nameOf(ref: string): string {
  return `crabbox-${ref}`;
}

/** The labels of a box's container and network. */
export function toLabels(
  provider: string,
  { labels }: Pick<CreateRequest, "labels">,
  type: string,
  now: number,
): Record<string, string> {
  const values: Record<keyof z.output<typeof labelsSchema>, string> = {
    provider,
    owner: labels.owner,
    lease: labels.leaseId,
    "trust-domain": labels.trustDomain,
    expires: String(labels.expiresAt),
    created: String(now),
    type,
  };
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [`${PREFIX}${key}`, value]));
}

/** What labels prove; null when they are not this provider's or not whole: such a thing is never touched. */
export function readLabels(
  provider: string,
  labels: Readonly<Record<string, string>> | undefined,
): Proof | null {
  const own = Object.entries(labels ?? {}).filter(([key]) => key.startsWith(PREFIX));
  const parsed = labelsSchema.safeParse(
    Object.fromEntries(own.map(([key, value]) => [key.slice(PREFIX.length), value])),
  );
  if (!parsed.success || parsed.data.provider !== provider) return null;
  const { owner, lease, expires, created, type } = parsed.data;
  return {
    ref: lease.toLowerCase(),
    type,
    createdAt: created,
    labels: { owner, leaseId: lease, trustDomain: parsed.data["trust-domain"], expiresAt: expires },
  };
}

/** The daemon's filter for this provider's things, of one owner or of all. */
export function labelFilter(provider: string, owner?: string): { label: string[] } {
  const provided = `${PREFIX}provider=${provider}`;
  return { label: owner === undefined ? [provided] : [provided, `${PREFIX}owner=${owner}`] };
}
