import { spawn, spawnSync } from "node:child_process";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";

/** Compose v2 where it is there, else 1.29; null where there is neither. */
export const COMPOSE: readonly string[] | null = firstThatAnswers([
  ["docker", "compose"],
  ["docker-compose"],
]);

export const COMPOSE_FILE = join(import.meta.dirname, "..", "..", "deploy", "compose.yml");
/** A build from nothing compiles the store's driver: minutes, on a busy machine many. */
const WITHIN_MS = 25 * 60_000;

export type Ran = {
  readonly code: number | null;
  /** Its stdout, as it came. */
  readonly bytes: Buffer;
  readonly out: string;
  /** All it said. */
  readonly said: string;
};

/**
 * `docker compose ARGS` on the file as it is delivered; what it may be told by the environment is all in `env`. Not waited for by
 * blocking: the container may be talking to a server of this process.
 */
export async function compose(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  input: Uint8Array = Buffer.alloc(0),
): Promise<Ran> {
  const [command = "docker-compose", ...first] = COMPOSE ?? [];
  const child = spawn(command, [...first, "-f", COMPOSE_FILE, ...args], {
    env: { PATH: process.env["PATH"], HOME: process.env["HOME"], ...env },
    timeout: WITHIN_MS,
  });
  // One that ended before it read says so by its exit code.
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  const [bytes, complaints, code] = await Promise.all([
    buffer(child.stdout),
    buffer(child.stderr),
    new Promise<number | null>((resolve, reject) => child.once("error", reject).once("close", resolve)),
  ]);
  const out = bytes.toString();
  return { code, bytes, out, said: `${out}${complaints.toString()}` };
}

function firstThatAnswers(candidates: readonly (readonly string[])[]): readonly string[] | null {
  return (
    candidates.find(([command = "", ...args]) => spawnSync(command, [...args, "version"]).status === 0) ??
    null
  );
}
