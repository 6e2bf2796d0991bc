import { shortLine } from "../clamp.ts";

/** By steps of one task, beside the files of its tree; boxd tells no more either (steps/services/carry-artifacts.ts). */
export const UPLOADS_MAX = 50;
const NAME_BYTES = 100;

/** An upload's name as an attempt's row remembers it, and a sentence shows it. */
export function uploadName(name: string): string {
  return shortLine(name, NAME_BYTES);
}
