import { toText } from "../expressions/coerce.ts";
import type { Leg } from "./matrix.ts";
import { matches, type MatrixFault } from "./matrix-filter.ts";

/**
 * The runs of a matrix that were asked for: all `wanted` keys agree, values compared as text without regard to case. Nothing wanted: all.
 * A key or value that no run has is told with what there is, in the words of `hintOf`.
 */
export function chooseLegs(
  legs: readonly Leg[],
  wanted: Readonly<Record<string, string>>,
  hintOf: (found: string, allowed: readonly string[]) => string,
): { readonly kind: "legs"; readonly legs: readonly Leg[] } | MatrixFault {
  for (const [key, value] of Object.entries(wanted)) {
    const names = [...new Set(legs.flatMap((leg) => Object.keys(leg.matrix ?? {})))];
    const name = names.find((one) => one.toLowerCase() === key.toLowerCase());
    if (name === undefined)
      return {
        kind: "fault",
        message: `The matrix has no key \`${key}\`.`,
        hint: names.length === 0 ? "The job has no matrix." : hintOf(key, names),
      };
    const values = [...new Set(legs.map((leg) => shown(leg, name)))];
    if (!values.some((one) => one.toLowerCase() === value.toLowerCase()))
      return {
        kind: "fault",
        message: `No run of the matrix has \`${key}=${value}\`.`,
        hint: hintOf(value, values),
      };
  }
  const chosen = legs.filter((leg) =>
    Object.entries(wanted).every(([key, value]) => hasValue(leg, key, value)),
  );
  if (chosen.length === 0)
    return {
      kind: "fault",
      message: "No run of the matrix has all of these values together.",
      hint: "Ask for fewer keys.",
    };
  return { kind: "legs", legs: chosen };
}

function hasValue(leg: Leg, key: string, value: string): boolean {
  const matrix = leg.matrix ?? {};
  const name = Object.keys(matrix).find((one) => one.toLowerCase() === key.toLowerCase());
  return (
    name !== undefined &&
    (shown(leg, name).toLowerCase() === value.toLowerCase() || matches({ [name]: value }, matrix))
  );
}

/** Lists and maps are asked for as JSON. */
function shown(leg: Leg, name: string): string {
  const value = leg.matrix?.[name] ?? null;
  return typeof value === "object" && value !== null ? JSON.stringify(value) : toText(value);
}
