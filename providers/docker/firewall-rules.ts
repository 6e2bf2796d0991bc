import { createHash } from "node:crypto";

/** What boxes may connect to. Two providers that mean the same share their rules. */
export type Policy = {
  readonly egress: "internet" | "none";
  /** `ADDRESS:PORT`. */
  readonly reach: readonly string[];
  readonly nameservers: readonly string[];
};

/**
 * What is not the internet (RFC 6890 and its registry): this machine's and its neighbours' networks, and the metadata
 * address of every cloud, 169.254.169.254.
 */
const NOT_INTERNET = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "224.0.0.0/3",
] as const;
/** An interface's name has at most 15 bytes (IFNAMSIZ): `cb`, 5 of the policy, 8 of the box. */
const TAG_CHARS = 5;
const BOX_CHARS = 8;
/** The sender is told at once, and can tell it from a port where nobody listens. */
const REJECT = "-j REJECT --reject-with icmp-admin-prohibited";
const ANSWERS = "-m conntrack --ctstate RELATED,ESTABLISHED";

/** A chain of ours is called so; what stands before our jumps must be one, too. */
export const CHAIN_PREFIX = "CRABBOX-";

/** The name of a box's bridge: rules for all boxes of one policy match its beginning, so none is written for a box. */
export function bridgeName(policy: Policy, ref: string): string {
  return `${bridgePrefix(policy)}${hash(ref).slice(0, BOX_CHARS)}`;
}

/** Everything for `iptables-restore --noflush`: three chains, emptied and filled in one step. */
export function restoreText(policy: Policy): string {
  const { input, forward, arriving } = chains(policy);
  const open = (chain: string, verdict: string) => [
    ...policy.nameservers.flatMap((address) =>
      ["udp", "tcp"].map((protocol) => `-A ${chain} -d ${address} -p ${protocol} --dport 53 -j ${verdict}`),
    ),
    ...policy.reach.map((target) => {
      const [address = "", port = ""] = target.split(":");
      return `-A ${chain} -d ${address} -p tcp --dport ${port} -j ${verdict}`;
    }),
  ];
  return [
    "*filter",
    ...[input, forward, arriving].map((chain) => `:${chain} - [0:0]`),
    `-A ${input} ${ANSWERS} -j ACCEPT`,
    ...open(input, "ACCEPT"),
    `-A ${input} ${REJECT}`,
    `-A ${forward} ${ANSWERS} -j RETURN`,
    ...(policy.egress === "none" ? [] : open(forward, "RETURN")),
    ...(policy.egress === "none"
      ? [`-A ${forward} ${REJECT}`]
      : NOT_INTERNET.map((range) => `-A ${forward} -d ${range} ${REJECT}`)),
    `-A ${arriving} -m conntrack --ctstate NEW ${REJECT}`,
    "COMMIT",
    "",
  ].join("\n");
}

/** The jumps into those chains, each with the chain it must be at the top of; `forwardHook` is Docker's own or FORWARD. */
export function jumps(policy: Policy, forwardHook: string): readonly { hook: string; rule: string }[] {
  const { input, forward, arriving } = chains(policy);
  const bridges = `${bridgePrefix(policy)}+`;
  return [
    { hook: "INPUT", rule: `-i ${bridges} -j ${input}` },
    { hook: forwardHook, rule: `-i ${bridges} -j ${forward}` },
    { hook: forwardHook, rule: `-o ${bridges} -j ${arriving}` },
  ];
}

function bridgePrefix(policy: Policy): string {
  return `cb${tagOf(policy)}`;
}

function chains(policy: Policy): { input: string; forward: string; arriving: string } {
  const tag = `${CHAIN_PREFIX}${tagOf(policy)}`;
  return { input: `${tag}-IN`, forward: `${tag}-OUT`, arriving: `${tag}-TO` };
}

function tagOf(policy: Policy): string {
  const { egress, reach, nameservers } = policy;
  return hash(JSON.stringify([egress, [...reach].sort(), nameservers])).slice(0, TAG_CHARS);
}

function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
