import { z } from "zod";

import { classesSchema, nameSchema, priceSchema } from "../settings.ts";

/** Settings of the `local` provider: boxes are directories on the App's own machine. */
export const LocalSettings = z.strictObject({
  kind: z.literal("local").describe("Boxes are directories on the App's own machine."),
  name: nameSchema.default("local").describe("What commands and checks call it; no two providers share one."),
  unsafe: z
    .boolean()
    .default(false)
    .describe(
      "Without a working bubblewrap: run commands as the App's own user, with nothing between them and the App.",
    ),
  inContainer: z
    .enum(["refuse", "allow"])
    .default("refuse")
    .describe("`allow`: serve though the App is in a container whose stop takes the boxes along; for demos."),
  maxBoxes: z.int().min(1).max(64).default(4).describe("Boxes at once, idle ones included."),
  classes: classesSchema,
  price: priceSchema,
  idleMinutes: z
    .number()
    .min(0.01)
    .max(1_440)
    .default(10)
    .describe("The host process ends by itself after so long without a box."),
});

export type LocalSettings = z.output<typeof LocalSettings>;
