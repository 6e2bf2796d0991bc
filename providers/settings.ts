import { z } from "zod";

import { BOX_CLASSES } from "./provider.ts";

import type { Price } from "./provider.ts";

/** Names appear in refs, file names and check runs. */
const NAME = /^[a-z0-9][a-z0-9-]{0,31}$/;

/** A name for a provider, host or slot. */
export const nameSchema = z.string().regex(NAME, "lower-case letters, digits and dashes, at most 32");

/** Which sizes a provider without sizes of its own stands in for. */
export const classesSchema = z
  .array(z.enum(BOX_CLASSES))
  .min(1)
  .default(["standard"])
  .describe("The sizes its boxes stand in for; a command that asks for another is refused.");

/** What an hour of an owned machine is to be charged at; absent means free. */
export const priceSchema = z
  .strictObject({
    usdPerHour: z
      .number()
      .min(0)
      .max(1_000)
      .describe("What an hour of a box is charged at; without `price` it is free."),
    asOf: z.iso.date().describe("The day that was decided on, as 2026-01-31; shown with the cost."),
  })
  .optional();

/** A price from settings, billed by the second; 0 when none is set. */
export function priceOf(type: string, configured: z.output<typeof priceSchema>, now: number): Price {
  const usdPerHour = configured?.usdPerHour ?? 0;
  return {
    type,
    microUsdPerHour: Math.round(usdPerHour * 1_000_000),
    original: { amount: String(usdPerHour), currency: "USD", rateToUsd: "1" },
    billingStepSeconds: 1,
    minimumSeconds: 0,
    source: "settings",
    date: configured?.asOf ?? new Date(now).toISOString().slice(0, 10),
  };
}
