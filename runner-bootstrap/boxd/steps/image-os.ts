/** What GitHub's own images say of themselves, where a box is much like one of them. */

import { readFileSync } from "node:fs";

/** os-release(5). */
const OS_RELEASE = "/etc/os-release";
/** The releases with long support: only of these GitHub has images (actions/runner-images). */
const LONG_SUPPORT = /^(\d[02468])\.04$/;

/**
 * `ImageOS` for steps, as on GitHub's image of the same Ubuntu (`ubuntu24`): actions choose builds by it, and some refuse to work without.
 * Empty elsewhere: GitHub has no image of Debian, and a name of another system would bring builds that do not run. No `ImageVersion`
 * anywhere: it names one of GitHub's own builds.
 */
export function imageEnvironment(file: string = OS_RELEASE): Readonly<Record<string, string>> {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    // None: a system that is not known.
    return {};
  }
  if (valueOf(text, "ID") !== "ubuntu") return {};
  const release = LONG_SUPPORT.exec(valueOf(text, "VERSION_ID"))?.[1];
  return release === undefined ? {} : { ImageOS: `ubuntu${release}` };
}

/** Of an assignment for the shell; those two have no quoting but one pair around the whole. */
function valueOf(text: string, name: string): string {
  const line = text.split("\n").find((one) => one.startsWith(`${name}=`)) ?? "";
  return line
    .slice(name.length + 1)
    .trim()
    .replaceAll(/^["']|["']$/g, "");
}
