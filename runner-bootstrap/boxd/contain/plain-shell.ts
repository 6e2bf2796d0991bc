/** The shell around a program that only opens a gate or enters a cgroup. */

import { ownProgram } from "./own-program.ts";

const NAMEABLE = /^[A-Za-z_][A-Za-z0-9_]*$/u;

/**
 * Its argv up to `-c`. Debian's sh (dash) starts in half the time, but forgets variables that it could not name itself, such as every
 * action's `INPUT_NODE-VERSION`; bash hands them on, and counts itself in SHLVL.
 */
export function plainShell(env: Readonly<Record<string, string>>): readonly string[] {
  return Object.keys(env).every((name) => NAMEABLE.test(name))
    ? ["/bin/sh", "-c"]
    : [ownProgram("bash"), "--noprofile", "--norc", "-c"];
}
