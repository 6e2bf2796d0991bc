/** Calls of the docker client: shown in a step's log, or asked for their answer. */

import { existsSync } from "node:fs";
import { basename } from "node:path";

import type { EngineHost, ProgramEnd } from "../host.ts";

export type DockerCli = {
  /** Runs docker; what it says goes to the step's log unless `onOutput` takes it. */
  show(step: number, args: readonly string[], how?: CallOptions): Promise<ProgramEnd>;
  /** Runs docker for what it says; a failure's words are in the step's log too. */
  ask(step: number, args: readonly string[], how?: CallOptions): Promise<Answer>;
};

export type CallOptions = {
  /** Beside `EngineHost.env`. */
  readonly env?: Readonly<Record<string, string>>;
  readonly onOutput?: (chunk: Uint8Array) => void;
  readonly signal?: AbortSignal;
  /** Left out: what an answer may take, for `ask`; none for `show`. */
  readonly timeoutMs?: number;
  /** Runs `sh -c SCRIPT sh DOCKER ARGUMENTS`; the script never holds foreign text. */
  readonly script?: string;
  /** Not written into the log. */
  readonly isQuiet?: boolean;
};

/** What of a host the client needs. */
export type CliHost = Pick<EngineHost, "env" | "log" | "spawn"> & {
  readonly places: Pick<EngineHost["places"], "workspace">;
  /** Left out where a task is over: what is asked then has none of its secrets. */
  readonly masked?: EngineHost["masked"];
};

export type Answer = { readonly text: string } | { readonly failed: string };

/** Bytes of an answer that are kept, from its end; the longest one is the environment of an image (128 KiB in Linux). */
const ANSWER_MAX_BYTES = 256 * 1024;
/** Characters of docker's words in a message. */
const WORDS_MAX_CHARS = 300;
const NEVER_STARTED_CODE = 127;
/** What a daemon may take for anything that waits for nothing outside. Ours: a busy one needs seconds; Docker itself gives no bound. */
const ANSWER_TIMEOUT_MS = 2 * 60_000;
/** So long a daemon that let a whole answer's time go by has to answer a ping before each call: whoever clears up does not wait so long once a call. */
const SILENT_MS = 60_000;
const PING_TIMEOUT_MS = 5_000;
/** The least that a daemon can be asked. */
export const PING = ["version", "--format={{.Server.Version}}"];

/**
 * Calls `argv` (docker, perhaps behind sudo) through the host; nothing is ever read by a shell. After an answer that did not come in its
 * time the calls of the next minute fail until a ping is answered; calls with a bound of their own do not count.
 */
export function dockerCli(host: CliHost, argv: readonly string[]): DockerCli {
  const { masked = (text) => text } = host;
  let silentUntil = 0;
  let pinging: Promise<boolean> | null = null;
  const call = async (step: number, args: readonly string[], how: CallOptions): Promise<ProgramEnd> => {
    if (performance.now() < silentUntil && !(await (pinging ??= ping(step))))
      return { error: "Docker has not answered the last call" };
    return started(step, args, how);
  };
  const ping = async (step: number): Promise<boolean> => {
    const end = await started(step, PING, { onOutput: () => undefined, timeoutMs: PING_TIMEOUT_MS });
    pinging = null;
    if (end.code === 0) silentUntil = 0;
    return end.code === 0;
  };
  const started = async (step: number, args: readonly string[], how: CallOptions): Promise<ProgramEnd> => {
    const clientEnv = how.env ?? {};
    const client = [...through(argv, Object.keys(clientEnv)), ...args];
    if (client.some((word) => word.includes("\0"))) return { error: "a NUL in its arguments" };
    return host.spawn({
      argv: how.script === undefined ? client : ["sh", "-c", how.script, "sh", ...client],
      // Relative volumes are of the workspace; a step that removed it must not keep its containers.
      cwd: existsSync(host.places.workspace) ? host.places.workspace : "/",
      env: { ...host.env, ...clientEnv },
      step,
      onOutput: how.onOutput ?? ((chunk) => host.log(step, chunk)),
      ...(how.signal === undefined ? {} : { signal: how.signal }),
      ...(how.timeoutMs === undefined ? {} : { timeoutMs: how.timeoutMs }),
    });
  };
  return {
    show: (step, args, how = {}) => {
      if (how.isQuiet !== true) say(host, step, `docker ${args.join(" ")}`);
      return call(step, args, how);
    },
    ask: async (step, args, how = {}) => {
      const kept = tail();
      const end = await call(step, args, { timeoutMs: ANSWER_TIMEOUT_MS, ...how, onOutput: kept.add });
      if (end.timedOut === true && how.timeoutMs === undefined) silentUntil = performance.now() + SILENT_MS;
      if (end.code === 0) return { text: kept.text() };
      if (how.isQuiet !== true) host.log(step, Buffer.from(kept.text()));
      return { failed: `docker ${args[0]} ${endedHow(end)}${words(masked(kept.text()))}` };
    },
  };
}

/** One line in the log of a step. */
export function say(host: Pick<EngineHost, "log">, step: number, line: string): void {
  host.log(step, Buffer.from(`${line}\n`));
}

/** How a program ended, for people. */
export function endedHow(end: ProgramEnd): string {
  if (end.error !== undefined) return `could not be started: ${end.error}`;
  if (end.timedOut === true) return "took too long";
  if (end.signal !== undefined) return `was killed by ${end.signal}`;
  return `ended with ${end.code ?? NEVER_STARTED_CODE}`;
}

/** `: what docker said` on one line; empty when it said nothing. */
function words(text: string): string {
  const line = text.replaceAll(/\s+/g, " ").trim();
  return line === ""
    ? ""
    : `: ${line.length > WORDS_MAX_CHARS ? `${line.slice(0, WORDS_MAX_CHARS)}...` : line}`;
}

function tail(): { readonly add: (chunk: Uint8Array) => void; readonly text: () => string } {
  let kept = Buffer.alloc(0);
  return {
    add: (chunk) => {
      kept = Buffer.concat([kept, chunk]).subarray(-ANSWER_MAX_BYTES);
    },
    text: () => kept.toString("utf8"),
  };
}

/** sudo drops the environment, but for what it is told to keep. */
function through(argv: readonly string[], names: readonly string[]): readonly string[] {
  const [first = "docker", ...rest] = argv;
  return basename(first) === "sudo" && names.length > 0
    ? [first, `--preserve-env=${names.join(",")}`, ...rest]
    : argv;
}
