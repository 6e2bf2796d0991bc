/** Environment for a container, handed to the docker client so that no value stands in its arguments. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { EngineHost } from "../host.ts";

export type HandedEnv = {
  /** `--env-file=...`, `--env=NAME` ...: no values, but those that the client would take for its own. */
  readonly args: readonly string[];
  /** For the client's own environment. */
  readonly clientEnv: Readonly<Record<string, string>>;
  /** Removes the file. Safe to repeat. */
  readonly done: () => void;
};

/** Names that docker reads without asking what else stands in the line: no comment, no white space. */
const FILE_NAME = /^[A-Za-z_][A-Za-z0-9_.-]*$/;
/** The client reads its file with Go's bufio.Scanner, whose lines end at 64 KiB. */
const FILE_LINE_MAX_CHARS = 16 * 1024;
/** What the client or its loader would obey itself. */
const CLIENTS_OWN =
  /^(?:PATH|HOME|LD_.*|GO(?:DEBUG|GC|MEMLIMIT|MAXPROCS|TRACEBACK)|DOCKER_(?:HOST|CONTEXT|CONFIG|API_VERSION|CERT_PATH|TLS.*))$/;

/**
 * One line values go through a private file, because sudo drops the environment; others, which that file cannot hold, through the
 * client's environment. An ill name (empty, with `=` or NUL) or a value with NUL cannot exist in an environment: left out.
 */
export function handEnv(host: EngineHost, env: Readonly<Record<string, string>>): HandedEnv {
  const lines: string[] = [];
  const args: string[] = [];
  const clientEnv: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (name === "" || /[=\0]/.test(name) || value.includes("\0")) continue;
    if (FILE_NAME.test(name) && !/[\r\n]/.test(value) && value.length <= FILE_LINE_MAX_CHARS)
      lines.push(`${name}=${value}`);
    else if (CLIENTS_OWN.test(name)) args.push(`--env=${name}=${value}`);
    else {
      args.push(`--env=${name}`);
      clientEnv[name] = value;
    }
  }
  // A step may have removed it.
  mkdirSync(host.places.files, { recursive: true });
  const directory = mkdtempSync(join(host.places.files, "docker-env-"));
  const file = join(directory, "env");
  writeFileSync(file, `${lines.join("\n")}\n`, { mode: 0o600 });
  return {
    args: [`--env-file=${file}`, ...args],
    clientEnv,
    done: () => rmSync(directory, { recursive: true, force: true }),
  };
}

/** What GitHub says in every container: `GITHUB_ACTIONS`, and `CI` unless it is set (DockerCommandManager.cs). */
export function withWatermark(env: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return { CI: "true", ...env, GITHUB_ACTIONS: "true" };
}
