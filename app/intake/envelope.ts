import { z } from "zod";

/** What the door and the queue need of a payload, whatever its event. */
export type Envelope = {
  readonly action: string | null;
  readonly installationId: number | null;
  /** Login of the account it is about; null for events of the App itself. */
  readonly account: string | null;
  /** Deliveries of the same key are handed on one after the other; null when order means nothing. */
  readonly orderKey: string | null;
};

const ownerSchema = z.object({ login: z.string().max(100) });
const numberedSchema = z.object({ number: z.number() });

const payloadSchema = z.object({
  action: z.string().max(100).optional(),
  installation: z.object({ id: z.number(), account: ownerSchema.nullish() }).nullish(),
  repository: z.object({ id: z.number(), owner: ownerSchema }).nullish(),
  organization: ownerSchema.nullish(),
  issue: numberedSchema.nullish(),
  pull_request: numberedSchema.nullish(),
  check_run: z.object({ id: z.number() }).nullish(),
});

/** Reads the envelope; null when the payload is not of GitHub's form. */
export function readEnvelope(payload: unknown): Envelope | null {
  const parsed = payloadSchema.safeParse(payload);
  if (!parsed.success) return null;
  const { action, installation, repository, organization } = parsed.data;
  return {
    action: action ?? null,
    installationId: installation?.id ?? null,
    account: installation?.account?.login ?? repository?.owner.login ?? organization?.login ?? null,
    orderKey: orderKeyOf(parsed.data),
  };
}

function orderKeyOf(payload: z.infer<typeof payloadSchema>): string | null {
  const { repository, installation } = payload;
  if (repository !== undefined && repository !== null) {
    const number = payload.pull_request?.number ?? payload.issue?.number;
    if (number !== undefined) return `${repository.id}#${number}`;
    const check = payload.check_run?.id;
    return check === undefined ? `${repository.id}` : `${repository.id}/check/${check}`;
  }
  return installation === undefined || installation === null ? null : `installation/${installation.id}`;
}
