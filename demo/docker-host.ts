import { createHash } from "node:crypto";
import { askDocker } from "./docker-api.ts";
import { meetImage } from "./docker-image.ts";
import type { BaseImage } from "./docker-image.ts";
import { DemoError } from "./demo-error.ts";

export type DockerHost = {
  readonly socketPath: string;
  /** Of this machine on Docker's default bridge: where containers find the offline GitHub. */
  readonly address: string;
  /** What the settings call the provider: its containers carry the name, so that they can be found again. */
  readonly provider: string;
  /** The image that boxes are made of. */
  readonly base: BaseImage;
};

const USUAL_SOCKET = "/var/run/docker.sock";
/** Tells demos on one daemon apart, and can still be read in a check. */
const NAME_CHARS = 6;
const FIRST_OF_SUBNET = /^(?<start>\d+\.\d+\.\d+)\.0\/\d+$/u;

type Bridge = { IPAM?: { Config?: { Gateway?: string; Subnet?: string }[] } };

/**
 * Asks the machine's Docker daemon (DOCKER_HOST, when it names a socket) where containers reach this machine, and has the image ready
 * that boxes are made of. Throws `DemoError`.
 */
export async function meetDocker(
  base: string | null,
  stateDir: string,
  onPull: (text: string) => void,
): Promise<DockerHost> {
  const host = process.env["DOCKER_HOST"] ?? "";
  const socketPath = host.startsWith("unix://") ? host.slice("unix://".length) : USUAL_SOCKET;
  const { values } = await askDocker(socketPath, "GET", "/networks/bridge");
  const config = (values[0] as Bridge | undefined)?.IPAM?.Config?.[0];
  // A daemon that has just made its bridge does not tell the gateway before its next start: it is the subnet's first.
  const start = FIRST_OF_SUBNET.exec(config?.Subnet ?? "")?.groups?.["start"];
  const address = config?.Gateway ?? (start === undefined ? undefined : `${start}.1`);
  if (address === undefined)
    throw new DemoError(
      "The Docker daemon has no default bridge.",
      "Start it without `bridge: none`, or use --provider local.",
    );
  const provider = `docker-${createHash("sha256").update(stateDir).digest("hex").slice(0, NAME_CHARS)}`;
  return { socketPath, address, provider, base: await meetImage(socketPath, base, provider, onPull) };
}

/** Ends every container of this demo, with its network. Safe to repeat. */
export async function endContainers({
  socketPath,
  provider,
}: Pick<DockerHost, "socketPath" | "provider">): Promise<void> {
  const filters = encodeURIComponent(JSON.stringify({ label: [`app.crabbox.provider=${provider}`] }));
  for (const [kind, list] of [
    ["containers", `/containers/json?all=1&filters=${filters}`],
    ["networks", `/networks?filters=${filters}`],
  ] as const) {
    const { values } = await askDocker(socketPath, "GET", list);
    for (const { Id } of (values[0] ?? []) as { Id: string }[])
      await askDocker(socketPath, "DELETE", `/${kind}/${Id}${kind === "containers" ? "?force=1&v=1" : ""}`);
  }
}
