import { readFileSync } from "node:fs";

import { ProviderError } from "../provider.ts";

import type { BoxAddress } from "../provider.ts";

/** One command on a host, run to its end; an expected failure is a value. Bounded in time and output by its maker. */
export type HostExec = (
  address: BoxAddress,
  command: string,
  stdin: string,
  signal: AbortSignal,
) => Promise<HostExecResult>;

export type HostExecResult =
  | {
      readonly kind: "done";
      readonly code: number;
      readonly stdout: string;
      readonly stderr: string;
      readonly hostKey: string;
    }
  | {
      readonly kind: "failed";
      readonly reason: "auth" | "host_key" | "unreachable";
      readonly message: string;
      readonly hint: string;
    };

/** Which of the two scripts. */
export type HostScript = "slot" | "wipe";

/** What the scripts exit with when the host lacks something; the reason is on stderr. */
const UNFIT = 3;

const SCRIPTS: Readonly<Record<HostScript, string>> = {
  slot: readFileSync(new URL("slot.sh", import.meta.url), "utf8"),
  wipe: readFileSync(new URL("wipe.sh", import.meta.url), "utf8"),
};

/** Runs a script on a host and answers its lines. Throws ProviderError: auth, unclear (no contact) or unusable. */
export async function runScript(
  provider: string,
  exec: HostExec,
  address: BoxAddress,
  script: HostScript,
  words: readonly string[],
  signal: AbortSignal,
): Promise<{ readonly lines: readonly string[]; readonly hostKey: string }> {
  const result = await exec(
    address,
    ["exec sh -s --", ...words.map(quote)].join(" "),
    SCRIPTS[script],
    signal,
  );
  if (result.kind === "failed") {
    throw new ProviderError(
      provider,
      result.reason === "unreachable" ? "unclear" : "auth",
      result.message,
      result.hint,
    );
  }
  if (result.code === 0) return { lines: result.stdout.split("\n").slice(0, -1), hostKey: result.hostKey };
  const where = `${address.user}@${address.host}:${address.port}`;
  throw new ProviderError(
    provider,
    result.code === UNFIT ? "unusable" : "unclear",
    `${where} could not serve: ${result.stderr.trim().slice(0, 500) || `exit ${result.code}`}.`,
    result.code === UNFIT
      ? "Put the host right, or take it out of the settings."
      : "Try it by hand on the host.",
  );
}

function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
