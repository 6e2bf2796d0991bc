import type { Lack } from "./types.ts";

/** What the labels of a job say about the machine; null for Linux. */
export function machineOf(labels: readonly string[]): string | null {
  const odd = labels.find((label) => /^(?:windows|macos)/iu.test(label));
  return odd ?? null;
}

/** The lack of a job that asks for Windows or macOS. */
export function wrongMachine(label: string, place: Lack["place"]): Lack {
  return {
    level: "stop",
    about: "runner",
    name: label,
    reason: `\`${label}\` is no Linux; boxes are.`,
    place,
  };
}
