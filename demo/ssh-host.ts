import { createHash } from "node:crypto";
import { createSocket } from "node:dgram";
import { lookup } from "node:dns/promises";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import ssh2 from "ssh2";
import type { SshHost } from "./arguments.ts";
import { DemoError } from "./demo-error.ts";
import type { State } from "./state.ts";

export type KnownHost = SshHost & {
  readonly hostKey: string;
  /** True: seen for the first time just now. */
  readonly isNew: boolean;
  /** This machine's address as the host is reached from. */
  readonly ourAddress: string;
  /** bubblewrap works there: it keeps repositories apart. Without it the host serves one, which a mark in the login's home names. */
  readonly hasBubblewrap: boolean;
  /** The mark was there before this demo. */
  readonly isMarked: boolean;
};

/** The mark of a host that keeps nothing apart: which repository it serves. */
const MARK = "~/.crabbox/slots/pin";
const FACTS = `bwrap --die-with-parent --unshare-pid --ro-bind / / --dev /dev --proc /proc true 2>/dev/null && echo bwrap; [ ! -e ${MARK} ] || echo marked`;

const CONNECT_TIMEOUT_MS = 15_000;
const PINS_FILE = "host-keys.json";

/**
 * Logs in once, so that what is wrong with host, key or login is said before anything starts. The host's key must be the named one, else
 * the one pinned in the state directory; the first one ever seen is pinned there.
 */
export async function meetHost(wanted: SshHost, state: State): Promise<KnownHost> {
  const keyFile = resolve(wanted.keyFile.replace(/^~(?=\/)/u, homedir()));
  const privateKey = readKey(keyFile);
  const pinsFile = join(state.dir, PINS_FILE);
  const pins = existsSync(pinsFile)
    ? (JSON.parse(readFileSync(pinsFile, "utf8")) as Record<string, string>)
    : {};
  const name = `${wanted.host}:${wanted.port}`;
  const expected = wanted.hostKey ?? pins[name] ?? null;
  const { hostKey, output } = await logIn(wanted, privateKey, expected, FACTS);
  if (expected === null)
    writeFileSync(pinsFile, JSON.stringify({ ...pins, [name]: hostKey }, null, 2), { mode: 0o600 });
  return {
    ...wanted,
    keyFile,
    hostKey,
    isNew: expected === null,
    hasBubblewrap: output.includes("bwrap"),
    isMarked: output.includes("marked"),
    ourAddress: await addressTowards(wanted),
  };
}

/** Lets another demo's repository use the host: what ran there is wiped already. Only for a mark that this demo made. */
export async function unmarkHost(host: KnownHost): Promise<void> {
  if (host.hasBubblewrap || host.isMarked) return;
  await logIn(host, readKey(host.keyFile), host.hostKey, `rm -f ${MARK}`);
}

/** Which of our addresses the way to the host begins at: a datagram socket knows without sending anything. */
async function addressTowards({ host, port }: SshHost): Promise<string> {
  const { address, family } = await lookup(host);
  const socket = createSocket(family === 6 ? "udp6" : "udp4");
  try {
    await new Promise<void>((done, failed) => {
      socket.once("error", failed);
      socket.connect(port, address, () => done());
    });
    return socket.address().address;
  } finally {
    socket.close();
  }
}

function readKey(file: string): Buffer {
  if (!existsSync(file)) throw new DemoError(`--key ${file} is not there.`, "Name the private key's file.");
  const bytes = readFileSync(file);
  const parsed = ssh2.utils.parseKey(bytes);
  if (parsed instanceof Error)
    throw new DemoError(
      `--key ${file} cannot be used: ${parsed.message}`,
      "A private key without a passphrase is needed: ssh-keygen -t ed25519 -N '' -f demo_key",
    );
  const key: unknown = Array.isArray(parsed) ? parsed[0] : parsed;
  if (!(key as ssh2.ParsedKey).isPrivateKey())
    throw new DemoError(`--key ${file} is a public key.`, "Name the private one, without .pub.");
  return bytes;
}

/** Logs in with the key, proves the host's, runs one command. */
function logIn(
  wanted: SshHost,
  privateKey: Buffer,
  expected: string | null,
  command: string,
): Promise<{ readonly hostKey: string; readonly output: string }> {
  const where = `${wanted.user}@${wanted.host}:${wanted.port}`;
  return new Promise((done, failed) => {
    const client = new ssh2.Client();
    let hostKey = "";
    let isOther = false;
    client.on("error", (error: Error & { level?: string }) => {
      client.end();
      if (isOther) failed(otherKey(where, expected ?? "", hostKey));
      else if (error.level === "client-authentication")
        failed(
          new DemoError(
            `${where} refuses the key ${wanted.keyFile}.`,
            "Add its public half to ~/.ssh/authorized_keys there.",
          ),
        );
      else
        failed(
          new DemoError(
            `${where} cannot be reached.`,
            "Is sshd running there, and the port right?",
            error.message,
          ),
        );
    });
    client.on("ready", () => {
      client.exec(command, (error, channel) => {
        if (error !== undefined) {
          client.end();
          failed(new DemoError(`${where} runs no commands.`, "The login must have a shell.", error.message));
          return;
        }
        let output = "";
        channel.on("data", (chunk: Buffer) => (output += chunk.toString()));
        channel.stderr.resume();
        channel.on("close", () => {
          client.end();
          done({ hostKey, output });
        });
      });
    });
    client.connect({
      host: wanted.host,
      port: wanted.port,
      username: wanted.user,
      privateKey,
      readyTimeout: CONNECT_TIMEOUT_MS,
      hostVerifier: (key: Buffer) => {
        hostKey = `SHA256:${createHash("sha256").update(key).digest("base64").replace(/=$/u, "")}`;
        isOther = expected !== null && expected !== hostKey;
        return !isOther;
      },
    });
  });
}

function otherKey(where: string, expected: string, found: string): DemoError {
  return new DemoError(
    `${where} shows another host key: ${found}, expected ${expected}.`,
    "Somebody may be in between. If the host was set up anew, name its key with --host-key, or remove host-keys.json from the state directory.",
  );
}
