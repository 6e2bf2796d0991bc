import { spawnSync } from "node:child_process";

/** bubblewrap makes its namespaces in 16 ms, or never. */
const PROBE_TIMEOUT_MS = 10_000;

/** What the local provider must know of its machine before it serves. */
export type RefusalFacts = {
  readonly platform: string;
  readonly sandboxed: boolean;
  readonly unsafe: boolean;
  /** Why boxes would end with a container; null when they would not, or when that is allowed. */
  readonly containerReason: string | null;
};

/** Why the local provider must not serve here and what to do instead; null when it may. */
export function refusalOf(facts: RefusalFacts): { readonly message: string; readonly hint: string } | null {
  if (facts.platform !== "linux") {
    return {
      message: `The local provider needs Linux, this is ${facts.platform}.`,
      hint: "Use static-ssh with a Linux host.",
    };
  }
  if (!facts.sandboxed && !facts.unsafe) {
    return {
      message: "The local provider has no working bubblewrap: commands would run as the App itself.",
      hint: "Install bubblewrap (and allow user namespaces), or set `unsafe: true` where nothing is to be protected.",
    };
  }
  if (facts.containerReason !== null) {
    return {
      message: `The local provider is refused here: ${facts.containerReason}, so its stop would end running tasks.`,
      hint: "Use static-ssh with a host outside the container, or run the App on the machine itself.",
    };
  }
  return null;
}

/** Whether bubblewrap makes a sandbox for this user on this machine, tried with what boxd asks of it. */
export function bubblewrapWorks(): boolean {
  const args = [
    "--die-with-parent",
    "--unshare-pid",
    "--ro-bind",
    "/",
    "/",
    "--dev",
    "/dev",
    "--proc",
    "/proc",
    "true",
  ];
  return spawnSync("bwrap", args, { stdio: "ignore", timeout: PROBE_TIMEOUT_MS }).status === 0;
}
