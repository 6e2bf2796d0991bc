import { z } from "zod";
import { parseDuration } from "../duration.ts";

/** A duration as people write it, read as milliseconds; at least `leastMs`. */
export function duration(leastMs: number) {
  return z
    .string("a duration is needed, such as 90s, 30m or 1h30m")
    .refine((text) => (parseDuration(text) ?? -1) >= leastMs, {
      message: "a duration is needed, such as 90s, 30m or 1h30m",
    })
    .transform((text) => parseDuration(text) ?? 0);
}
