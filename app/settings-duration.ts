import { z } from "zod";
import { parseDuration } from "./duration.ts";

const Duration = z
  .string("a duration is needed, such as 90s, 30m, 2h or 1d")
  .refine((text) => parseDuration(text) !== null, {
    message: "a duration is needed, such as 90s, 30m, 2h or 1d",
  })
  .transform((text) => parseDuration(text) ?? 0);

/** A key of the settings that holds a duration, in milliseconds once it is read, with its default as it is written. */
export const duration = (text: string) => Duration.prefault(text);
