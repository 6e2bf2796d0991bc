import { createHash, randomBytes } from "node:crypto";

export type LeaseId = `cbx_${string}`;
export type RunId = `run_${string}`;
export type AttemptId = `att_${string}`;
export type BoxId = `box_${string}`;

/** 6 random bytes: 2^48 ids, and a primary key that refuses the one in many that collides. */
const ID_BYTES = 6;

const ADJECTIVES = [
  "amber",
  "brisk",
  "calm",
  "deft",
  "eager",
  "fleet",
  "glad",
  "hardy",
  "keen",
  "lucid",
  "merry",
  "nimble",
  "proud",
  "quiet",
  "rapid",
  "sturdy",
] as const;
const NOUNS = [
  "anchor",
  "beacon",
  "coral",
  "dune",
  "estuary",
  "fjord",
  "gull",
  "harbor",
  "inlet",
  "kelp",
  "lagoon",
  "marina",
  "otter",
  "pier",
  "reef",
  "tide",
] as const;

/** Makes ids; the one place randomness for names comes from. */
export type Ids = {
  lease(): LeaseId;
  run(): RunId;
  attempt(): AttemptId;
  box(): BoxId;
  /** Unguessable, URL-safe, `bytes` of entropy. */
  token(bytes: number): string;
};

/** The one maker of ids and tokens, from the system's random source. */
export function createIds(): Ids {
  const hex = () => randomBytes(ID_BYTES).toString("hex");
  return {
    lease: () => `cbx_${hex()}`,
    run: () => `run_${hex()}`,
    attempt: () => `att_${hex()}`,
    box: () => `box_${hex()}`,
    token: (bytes) => randomBytes(bytes).toString("base64url"),
  };
}

/** The lease that one cause makes: the same for the same cause, so that a command told twice finds its own lease again. */
export function leaseIdOf(cause: string): LeaseId {
  return `cbx_${createHash("sha256")
    .update(`lease\n${cause}`)
    .digest("hex")
    .slice(0, ID_BYTES * 2)}`;
}

/** A name people can say for a lease, `adjective-noun`, the same for the same id; not unique, the id is. */
export function slugOf(id: LeaseId): string {
  const digest = createHash("sha256").update(id).digest();
  const adjective = ADJECTIVES[digest.readUInt8(0) % ADJECTIVES.length];
  const noun = NOUNS[digest.readUInt8(1) % NOUNS.length];
  return `${adjective}-${noun}`;
}
