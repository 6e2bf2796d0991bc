import { createHash } from "node:crypto";
import { connect } from "node:net";
import { PassThrough } from "node:stream";

import { ProviderError } from "../provider.ts";
import { BOX_UID, SSH_PORT } from "./container-spec.ts";

import type { Duplex } from "node:stream";
import type { Daemon } from "./daemon.ts";

export type InBoxDeps = {
  readonly provider: string;
  readonly daemon: Daemon;
  readonly clock: { now(): number; sleep(ms: number, signal?: AbortSignal): Promise<void> };
};

/** A host key's line is 100 bytes, a probe's answer a few lines: a box that says more is a liar. */
const ANSWER_MAX_CHARS = 4_096;
/** sshd listens within tens of milliseconds; a gVisor box takes seconds, a loaded machine more. */
const LISTEN_WITHIN_MS = 30_000;
const LISTEN_POLL_MS = 15;
const CONNECT_TIMEOUT_MS = 2_000;
const KEY_LINE = /^ssh-ed25519 (?<key>[A-Za-z0-9+/]{68}={0,2})(?: |$)/;

/** Starts sshd in the container, or finds it running; answers the host key's `SHA256:...`, told by the daemon. */
export async function serve(deps: InBoxDeps, container: string, signal: AbortSignal): Promise<string> {
  const said = await execute(
    deps,
    container,
    { user: BOX_UID, argv: ["/opt/crabbox/serve.sh"], until: "\n" },
    signal,
  );
  const key = KEY_LINE.exec(said)?.groups?.["key"];
  if (key === undefined)
    throw new ProviderError(
      deps.provider,
      "unclear",
      "The container told no host key.",
      "Is its image one made from runner-bootstrap/docker? It is tried again.",
    );
  const digest = createHash("sha256").update(Buffer.from(key, "base64")).digest("base64");
  return `SHA256:${digest.replaceAll("=", "")}`;
}

/** Waits until sshd answers at the container's address. Throws `unclear` when it does not in time. */
export async function untilListening(deps: InBoxDeps, host: string, signal: AbortSignal): Promise<void> {
  const deadline = deps.clock.now() + LISTEN_WITHIN_MS;
  while (!(await speaksSsh(host))) {
    if (deps.clock.now() > deadline)
      throw new ProviderError(
        deps.provider,
        "unclear",
        `The box's sshd does not answer at ${host}:${SSH_PORT}.`,
        "The App must run on the Docker daemon's own machine, outside of containers (or with its network).",
      );
    await deps.clock.sleep(LISTEN_POLL_MS, signal);
  }
}

/** Moves the time at which process 1 ends the container; as root, so that no command of the box can. */
export async function writeExpiry(
  deps: InBoxDeps,
  container: string,
  expiresAt: number,
  signal: AbortSignal,
): Promise<void> {
  const script =
    'umask 022; printf "%s\\n" "$1" >/run/crabbox/expires-at.new && mv /run/crabbox/expires-at.new /run/crabbox/expires-at && echo done';
  const argv = ["sh", "-c", script, "sh", String(Math.ceil(expiresAt / 1_000))];
  const said = await execute(deps, container, { user: 0, argv, until: "done\n" }, signal);
  if (!said.endsWith("done\n"))
    throw new ProviderError(
      deps.provider,
      "unclear",
      "The container did not take its new expiry.",
      "It is told again.",
    );
}

/** Which of the targets (`ADDRESS:PORT`) the container could connect to. */
export async function probe(
  deps: InBoxDeps,
  container: string,
  targets: readonly string[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  const argv = ["/opt/crabbox/probe.sh", ...targets];
  const said = await execute(deps, container, { user: BOX_UID, argv, until: "done\n" }, signal);
  const lines = said.trim().split("\n");
  if (lines.pop() !== "done")
    throw new ProviderError(
      deps.provider,
      "unclear",
      "The box could not tell what it reaches.",
      "It is tried again.",
    );
  return lines.filter((line) => targets.includes(line));
}

/** Runs a program in the container and answers its output up to `until`; it may go on without a listener. */
async function execute(
  deps: InBoxDeps,
  container: string,
  run: { readonly user: number; readonly argv: readonly string[]; readonly until: string },
  signal: AbortSignal,
): Promise<string> {
  return deps.daemon(
    "run a program in a box",
    async (docker) => {
      const exec = await docker.getContainer(container).exec({
        Cmd: [...run.argv],
        User: `${run.user}:${run.user}`,
        AttachStdout: true,
        AttachStderr: false,
      });
      const stream = await exec.start({});
      try {
        return await read(docker.modem, stream, run.until, signal);
      } finally {
        stream.destroy();
      }
    },
    signal,
  );
}

type Demuxer = {
  demuxStream(stream: NodeJS.ReadableStream, out: NodeJS.WritableStream, err: NodeJS.WritableStream): void;
};

function read(modem: Demuxer, stream: Duplex, until: string, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = "";
    const out = new PassThrough();
    const done = () => resolve(said);
    out.on("data", (chunk: Buffer) => {
      said += chunk.toString("latin1");
      if (said.endsWith(until) || said.length > ANSWER_MAX_CHARS) done();
    });
    modem.demuxStream(stream, out, new PassThrough().resume());
    stream.once("end", done).once("close", done).once("error", reject);
    signal.addEventListener("abort", done, { once: true });
  });
}

/** Whether something at the box's port says that it speaks SSH. */
function speaksSsh(host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port: SSH_PORT, timeout: CONNECT_TIMEOUT_MS });
    const answer = (speaks: boolean) => {
      socket.destroy();
      resolve(speaks);
    };
    socket.once("data", (chunk) => answer(chunk.toString("latin1", 0, 4) === "SSH-"));
    socket
      .once("error", () => answer(false))
      .once("timeout", () => answer(false))
      .once("close", () => resolve(false));
  });
}
