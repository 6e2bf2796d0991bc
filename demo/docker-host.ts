import { createHash } from "node:crypto";
import { request } from "node:http";
import { DemoError } from "./demo-error.ts";

export type DockerHost = {
  readonly socketPath: string;
  /** Of this machine on Docker's default bridge: where containers find the offline GitHub. */
  readonly address: string;
  /** What the settings call the provider: its containers carry the name, so that they can be found again. */
  readonly provider: string;
  /** The image that boxes are made of; null: the App's default. */
  readonly base: string | null;
};

const USUAL_SOCKET = "/var/run/docker.sock";
const ANSWER_WITHIN_MS = 30_000;
const NAME_CHARS = 12;

/** Asks the machine's Docker daemon (DOCKER_HOST, when it names a socket) where containers reach this machine. Throws `DemoError`. */
export async function meetDocker(base: string | null, stateDir: string): Promise<DockerHost> {
  const host = process.env["DOCKER_HOST"] ?? "";
  const socketPath = host.startsWith("unix://") ? host.slice("unix://".length) : USUAL_SOCKET;
  const found = (await ask(socketPath, "GET", "/networks/bridge")) as {
    IPAM?: { Config?: { Gateway?: string }[] };
  };
  const address = found.IPAM?.Config?.[0]?.Gateway;
  if (address === undefined)
    throw new DemoError(
      "The Docker daemon has no default bridge.",
      "Start it without `bridge: none`, or use --provider local.",
    );
  const provider = `demo-${createHash("sha256").update(stateDir).digest("hex").slice(0, NAME_CHARS)}`;
  return { socketPath, address, provider, base };
}

/** Ends every container of this demo, with its network. Safe to repeat. */
export async function endContainers({
  socketPath,
  provider,
}: Pick<DockerHost, "socketPath" | "provider">): Promise<void> {
  const filters = encodeURIComponent(JSON.stringify({ label: [`app.crabbox.provider=${provider}`] }));
  const containers = (await ask(socketPath, "GET", `/containers/json?all=1&filters=${filters}`)) as {
    Id: string;
  }[];
  for (const { Id } of containers) await ask(socketPath, "DELETE", `/containers/${Id}?force=1&v=1`);
  const networks = (await ask(socketPath, "GET", `/networks?filters=${filters}`)) as { Id: string }[];
  for (const { Id } of networks) await ask(socketPath, "DELETE", `/networks/${Id}`);
}

/** One call of the daemon's API; what it answers beside JSON is null. */
function ask(socketPath: string, method: string, path: string): Promise<unknown> {
  return new Promise((done, failed) => {
    const fail = (cause: Error) =>
      failed(
        new DemoError(
          "The Docker daemon does not answer.",
          `Start it, let this user use ${socketPath}, or set DOCKER_HOST=unix://...`,
          cause.message,
        ),
      );
    const call = request({ socketPath, method, path, timeout: ANSWER_WITHIN_MS }, (response) => {
      let text = "";
      response.on("data", (chunk: Buffer) => (text += chunk.toString()));
      response.on("end", () => done(text.startsWith("{") || text.startsWith("[") ? JSON.parse(text) : null));
      response.on("error", fail);
    });
    call.on("error", fail).on("timeout", () => call.destroy(new Error("no answer in time")));
    call.end();
  });
}
