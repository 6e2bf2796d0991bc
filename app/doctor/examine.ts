import { faultOf, type Area, type Finding, type Look } from "./finding.ts";

/** One look takes at most so long: a provider's box may have to be created for it. */
const LOOK_WITHIN_MS = 5 * 60_000;

/**
 * Takes the looks one after the other, so that what fails first is read first; each finding is told as soon as it is known. A look that throws
 * is a finding, and the others go on. Safe to repeat.
 */
export async function examine(
  looks: readonly { readonly area: Area; readonly look: Look }[],
  tell: (finding: Finding) => void,
): Promise<readonly Finding[]> {
  const all: Finding[] = [];
  for (const { area, look } of looks) {
    const found = await look(AbortSignal.timeout(LOOK_WITHIN_MS)).catch((thrown: unknown) => [
      faultOf(area, thrown),
    ]);
    for (const finding of found) tell(finding);
    all.push(...found);
  }
  return all;
}
