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

export type Ran = { readonly code: number | null; readonly out: string; readonly said: string };

/** `docker compose ARGS` on the file as it is delivered; what it may be told by the environment is all in `env`. */
export function compose(args: readonly string[], env: Readonly<Record<string, string>>): Ran {
  const [command = "docker-compose", ...first] = COMPOSE ?? [];
  const ran = spawnSync(command, [...first, "-f", COMPOSE_FILE, ...args], {
    encoding: "utf8",
    env: { PATH: process.env["PATH"], HOME: process.env["HOME"], ...env },
    timeout: WITHIN_MS,
    maxBuffer: 64 * 1024 * 1024,
  });
  return { code: ran.status, out: ran.stdout, said: `${ran.stdout}${ran.stderr}` };
}

function firstThatAnswers(candidates: readonly (readonly string[])[]): readonly string[] | null {
  return (
    candidates.find(([command = "", ...args]) => spawnSync(command, [...args, "version"]).status === 0) ??
    null
  );
}
