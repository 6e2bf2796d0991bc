import { spawnSync } from "node:child_process";
import { join } from "node:path";

/** Compose v2 where it is there, else 1.29; null where there is neither. */
export const COMPOSE: readonly string[] | null = firstThatAnswers([
  ["docker", "compose"],
  ["docker-compose"],
]);

export const COMPOSE_FILE = join(import.meta.dirname, "..", "..", "deploy", "compose.yml");
/** A build from nothing compiles the store's driver: minutes, on a busy machine many. */
const WITHIN_MS = 25 * 60_000;
const OUTPUT_MAX_BYTES = 256 * 1024 * 1024;

export type Ran = {
  readonly code: number | null;
  /** Its stdout, as it came. */
  readonly bytes: Buffer;
  readonly out: string;
  /** All it said. */
  readonly said: string;
};

/** `docker compose ARGS` on the file as it is delivered; what it may be told by the environment is all in `env`. */
export function compose(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  input: Uint8Array = Buffer.alloc(0),
): Ran {
  const [command = "docker-compose", ...first] = COMPOSE ?? [];
  const { status, stdout, stderr } = spawnSync(command, [...first, "-f", COMPOSE_FILE, ...args], {
    input,
    env: { PATH: process.env["PATH"], HOME: process.env["HOME"], ...env },
    timeout: WITHIN_MS,
    maxBuffer: OUTPUT_MAX_BYTES,
  });
  return {
    code: status,
    bytes: stdout,
    out: stdout.toString(),
    said: `${stdout.toString()}${stderr.toString()}`,
  };
}

function firstThatAnswers(candidates: readonly (readonly string[])[]): readonly string[] | null {
  return (
    candidates.find(([command = "", ...args]) => spawnSync(command, [...args, "version"]).status === 0) ??
    null
  );
}
