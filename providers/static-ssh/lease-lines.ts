import { z } from "zod";

const FIELDS = 8;

const epochMs = z.coerce.number().int().min(0);

const leaseSchema = z.object({
  owner: z.string().min(1),
  leaseId: z.string().min(1),
  expiresAt: epochMs,
  createdAt: epochMs,
  trustDomain: z.string().min(1),
});

/** What one line of `list` says of a slot. */
export type SlotLine = {
  readonly slot: string;
  readonly lease: z.output<typeof leaseSchema> | null;
  /** The slot was wiped for this lease. */
  readonly prepared: boolean;
  /** Why it is closed until a person clears it; null when it is not. */
  readonly closed: string | null;
};

/** Parses `slot.sh list`; a line that does not fit is left out, so that nothing is guessed about its slot. */
export function parseSlotLines(lines: readonly string[]): readonly SlotLine[] {
  return lines.flatMap((line): SlotLine[] => {
    const fields = line.split("\t");
    const [slot = "", prepared, owner, leaseId, expiresAt, createdAt, trustDomain, closed = ""] = fields;
    if (fields.length !== FIELDS) return [];
    const known = { slot, closed: closed === "" ? null : closed };
    if (leaseId === "") return [{ ...known, lease: null, prepared: false }];
    const lease = leaseSchema.safeParse({ owner, leaseId, expiresAt, createdAt, trustDomain });
    return lease.success ? [{ ...known, lease: lease.data, prepared: prepared === leaseId }] : [];
  });
}

/** Whether a value may stand in a lease file: one line without tabs. */
export function fitsLease(value: string): boolean {
  return value !== "" && value.length <= 512 && !/[\t\n\r\0]/.test(value);
}
