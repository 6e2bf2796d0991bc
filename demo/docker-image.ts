import { askDocker } from "./docker-api.ts";
import type { DockerAnswer } from "./docker-api.ts";
import { DemoError } from "./demo-error.ts";

export type BaseImage = {
  readonly name: string;
  /** Node 20 or newer, and npm: what the sample's commands are written for. */
  readonly hasNpm: boolean;
};

/** The App's own default, so that both mean the same. */
const DEFAULT_BASE = "node:24-bookworm-slim";
/** A registry that says nothing for longer has stopped. */
const PULL_QUIET_MS = 120_000;
const WAIT_MS = 60_000;
const NAME_WITH_TAG = /[:@][^/]*$/u;
const ELSEWHERE =
  "Name a Debian or Ubuntu image that is there (docker images) or can be pulled: --image debian:bookworm-slim. What boxes need beside it comes by apt-get.";
const HAS_NPM =
  "command -v npm >/dev/null && node -e 'process.exit(Number(process.versions.node.split(`.`)[0]) < 20 ? 1 : 0)'";

/** Makes sure that the image is on the machine and starts, before anything else does; looks what it has. Throws `DemoError`. */
export async function meetImage(
  socketPath: string,
  wanted: string | null,
  provider: string,
  onPull: (text: string) => void,
): Promise<BaseImage> {
  const name = wanted ?? DEFAULT_BASE;
  const there = await askDocker(socketPath, "GET", `/images/${encodeURIComponent(name)}/json`);
  if (there.status === 404) {
    onPull(`The image ${name} is not on this machine and is pulled now.`);
    const from = encodeURIComponent(NAME_WITH_TAG.test(name) ? name : `${name}:latest`);
    const path = `/images/create?fromImage=${from}`;
    const reason = reasonOf(await askDocker(socketPath, "POST", path, undefined, PULL_QUIET_MS));
    if (reason !== null)
      throw new DemoError(
        `The image ${name} is not on this machine and could not be pulled.`,
        ELSEWHERE,
        reason,
      );
  }
  return { name, hasNpm: (await runIn(socketPath, name, provider, HAS_NPM)) === 0 };
}

/** A shell's line in a container of the image that reaches nothing; answers its exit code. */
async function runIn(socketPath: string, name: string, provider: string, line: string): Promise<number> {
  const made = await askDocker(socketPath, "POST", "/containers/create", {
    Image: name,
    Entrypoint: ["/bin/sh", "-c", line],
    Cmd: [],
    Labels: { "app.crabbox.provider": provider },
    HostConfig: { NetworkMode: "none", CapDrop: ["ALL"], SecurityOpt: ["no-new-privileges:true"] },
  });
  const { Id: id = "" } = (made.values[0] ?? {}) as { Id?: string };
  try {
    const failure =
      reasonOf(made) ?? reasonOf(await askDocker(socketPath, "POST", `/containers/${id}/start`));
    if (failure !== null)
      throw new DemoError(`The image ${name} does not start a shell.`, ELSEWHERE, failure);
    const ended = await askDocker(socketPath, "POST", `/containers/${id}/wait`, undefined, WAIT_MS);
    return ((ended.values[0] ?? {}) as { StatusCode?: number }).StatusCode ?? 1;
  } finally {
    if (id !== "") await askDocker(socketPath, "DELETE", `/containers/${id}?force=1&v=1`);
  }
}

/** Why a call failed, in the daemon's words; null when it did not. A pull fails in the middle of its answer. */
function reasonOf({ status, values }: DockerAnswer): string | null {
  const said = values as readonly { error?: string; message?: string }[];
  const inside = said.find(({ error }) => error !== undefined)?.error;
  if (inside !== undefined) return inside;
  return status >= 400 ? (said[0]?.message ?? `HTTP ${status}`) : null;
}
