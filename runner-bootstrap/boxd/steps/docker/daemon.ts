/** Which daemon the client talks to, and whether containers there can be removed by another client when their task is over. */

import type { EngineHost } from "../host.ts";
import type { Room } from "./room.ts";

export type Daemon = {
  readonly address: string;
  /** The client's own configuration says how TLS is spoken with it, or that nobody is asked who it is. */
  readonly isTls: boolean;
};

/** `ADDRESS SkipTLSVerify FILES`; the last two only where the client knows them. */
const FORMAT =
  "--format={{.Endpoints.docker.Host}} {{json .Endpoints.docker.SkipTLSVerify}} {{json .TLSMaterial}}";
const DAEMON = /^([a-z]{1,10}:\/\/\S{1,500})(?: (\S+) (\S.*))?$/m;
/** Another form would have boxd's own client start a program (ssh) of the task's choice. */
const CLEARABLE = /^(?:unix|tcp):\/\//;
/** No files for any endpoint. */
const NO_FILES: ReadonlySet<string> = new Set(["{}", "null"]);

/** By the client's environment, or by a context of its configuration (rootless Docker has one); null when it cannot say. */
export async function daemonOf(room: Room, step: number): Promise<Daemon | null> {
  const asked = await room.cli.ask(step, ["context", "inspect", FORMAT], { isQuiet: true, ...room.cancel });
  const found = "failed" in asked ? null : DAEMON.exec(asked.text);
  if (found === null) return null;
  const [, address = "", skips = "", files = "{}"] = found;
  return { address, isTls: skips === "true" || !NO_FILES.has(files.trim()) };
}

/** Why whoever clears up, who knows the address and the `DOCKER_*` variables only, could not reach it; null when he could. */
export function unclearable({ env }: Pick<EngineHost, "env">, { address, isTls }: Daemon): string | null {
  const cannot = `Docker is at ${address}, from where containers cannot be cleared up after their task`;
  if (!CLEARABLE.test(address)) return `${cannot}: it has to be unix:// or tcp://`;
  const isNamed = (env["DOCKER_CERT_PATH"] ?? "") !== "";
  return isTls && address.startsWith("tcp://") && !isNamed
    ? `${cannot}: its certificates stand in a docker context; name them by DOCKER_HOST, DOCKER_TLS_VERIFY and DOCKER_CERT_PATH`
    : null;
}
