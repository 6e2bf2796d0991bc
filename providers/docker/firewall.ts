import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { isIPv4 } from "node:net";

import { CHAIN_PREFIX, jumps, restoreText } from "./firewall-rules.ts";

import type { Policy } from "./firewall-rules.ts";

/** iptables waits so long for another program's lock. */
const LOCK_WAIT_S = "5";
const COMMAND_TIMEOUT_MS = 15_000;
/** Docker leaves this chain to its users and jumps to it first. */
const DOCKER_HOOK = "DOCKER-USER";
/** resolv.conf(5): more are not asked. */
const NAMESERVERS_MAX = 3;

/** Whether the rules are in force, and why not. */
export type FirewallState = { readonly kind: "ours" } | { readonly kind: "none"; readonly why: string };

/**
 * Puts the policy's rules in force, or finds them so: safe to repeat, at once too, and after somebody flushed the
 * tables. The rules name bridges by their beginning, so they hold for a box before it is made and need no removal with
 * it. Needs the right to change the machine's filter table; answers `none` without it.
 */
export async function holdFirewall(policy: Policy): Promise<FirewallState> {
  const restored = await run("iptables-restore", ["--noflush", "-w", LOCK_WAIT_S], restoreText(policy));
  if (restored !== null) return { kind: "none", why: restored };
  const hasHook = (await rulesOf(DOCKER_HOOK)) !== null;
  for (const { hook, rule } of jumps(policy, hasHook ? DOCKER_HOOK : "FORWARD")) {
    const words = rule.split(" ");
    const rules = (await rulesOf(hook)) ?? [];
    const at = rules.indexOf(rule);
    // Another provider's jumps may stand before it: they concern other bridges only.
    const isFirst = at !== -1 && rules.slice(0, at).every((before) => before.includes(` -j ${CHAIN_PREFIX}`));
    if (isFirst) continue;
    const failure = await run("iptables", ["-w", LOCK_WAIT_S, "-I", hook, "1", ...words]);
    if (failure !== null) return { kind: "none", why: failure };
    if (at !== -1) await run("iptables", ["-w", LOCK_WAIT_S, "-D", hook, String(at + 2)]);
  }
  return { kind: "ours" };
}

/** The machine's name servers that a box can ask: Docker hands them on, but for loopback ones. */
export function machineNameservers(): readonly string[] {
  let text = "";
  try {
    text = readFileSync("/etc/resolv.conf", "utf8");
  } catch {
    // None: Docker then has its own.
    return [];
  }
  return [...text.matchAll(/^nameserver\s+(\S+)/gm)]
    .map(([, address = ""]) => address)
    .filter((address) => isIPv4(address) && !address.startsWith("127."))
    .slice(0, NAMESERVERS_MAX);
}

/** A chain's rules as iptables writes them, without their `-A CHAIN`; null when there is no such chain. */
async function rulesOf(chain: string): Promise<readonly string[] | null> {
  let text = "";
  const failure = await run("iptables", ["-w", LOCK_WAIT_S, "-S", chain], "", (said) => (text = said));
  if (failure !== null) return null;
  const start = `-A ${chain} `;
  return text
    .split("\n")
    .filter((line) => line.startsWith(start))
    .map((line) => line.slice(start.length).trim());
}

/** Null when it succeeded, else what it said. */
function run(
  command: string,
  args: readonly string[],
  stdin = "",
  tell?: (stdout: string) => void,
): Promise<string | null> {
  return new Promise((resolve) => {
    const child = execFile(
      command,
      args,
      // Not every user's PATH has /usr/sbin.
      {
        timeout: COMMAND_TIMEOUT_MS,
        env: { PATH: `${process.env["PATH"] ?? ""}:/usr/sbin:/sbin`, LC_ALL: "C" },
      },
      (error, stdout, stderr) => {
        if (error === null) tell?.(stdout);
        resolve(error === null ? null : stderr.trim().split("\n")[0] || error.message);
      },
    );
    // One that ended before it read says so by its exit code.
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(stdin);
  });
}
