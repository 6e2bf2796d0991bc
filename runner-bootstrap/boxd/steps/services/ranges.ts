/** Byte ranges of a request. */

export type ByteRange = { readonly from: number; readonly to: number };

const RANGE = /^bytes=([0-9]{0,15})-([0-9]{0,15})$/;

/**
 * The range inside `sizeBytes`, both ends inclusive. `whole`: none was asked for, or in a form that may be passed over
 * (RFC 9110, 14.2); `outside`: it begins behind the end.
 */
export function byteRange(header: string | undefined, sizeBytes: number): ByteRange | "whole" | "outside" {
  const [, first, last] = RANGE.exec(header ?? "") ?? [];
  if (first === undefined || last === undefined || (first === "" && last === "")) return "whole";
  if (first === "") {
    const length = Math.min(Number(last), sizeBytes);
    return length === 0 ? "outside" : { from: sizeBytes - length, to: sizeBytes - 1 };
  }
  const from = Number(first);
  const to = last === "" ? sizeBytes - 1 : Math.min(Number(last), sizeBytes - 1);
  if (last !== "" && Number(last) < from) return "whole";
  return from >= sizeBytes ? "outside" : { from, to };
}
