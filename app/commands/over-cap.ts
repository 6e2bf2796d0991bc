import { formatMicroUsd } from "../money.ts";

export type CrossedCap = {
  readonly spentMicroUsd: number;
  readonly reservedMicroUsd: number;
  readonly capMicroUsd: number;
};

/** Why money stands in the way, with the numbers; `what` could cost `moreMicroUsd`. */
export function overCap(crossed: CrossedCap, what: string, moreMicroUsd: number): string {
  const { spentMicroUsd, reservedMicroUsd, capMicroUsd } = crossed;
  return (
    `That would cross a cost cap. This month: ${formatMicroUsd(spentMicroUsd)} spent, ${formatMicroUsd(reservedMicroUsd)} reserved, ` +
    `cap ${formatMicroUsd(capMicroUsd)}; ${what} could cost up to ${formatMicroUsd(moreMicroUsd)}.`
  );
}
