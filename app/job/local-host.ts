import { existsSync, mkdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { maskAll } from "../../runner-bootstrap/boxd/mask/mask-all.ts";
import type { Masker, MaskStream } from "../../runner-bootstrap/boxd/mask/masker.ts";
import type { EngineEvent, EngineHost } from "../../runner-bootstrap/boxd/steps/host.ts";
import { createPrograms } from "./programs.ts";

/** What a job says while it runs, masked. */
export type Said =
  | { readonly kind: "log"; readonly step: number; readonly text: Buffer }
  | { readonly kind: "event"; readonly event: EngineEvent };

export type LocalHost = EngineHost & {
  /** Ends what is left running and hands on what the masker held back. Safe to repeat. */
  close(): void;
};

/** The step engine's host on this machine: real processes, the person's own tools, no box, no services yet. `dir` is the job's own and exists. */
export function createLocalHost(options: {
  readonly dir: string;
  readonly workspace: string;
  readonly actions: string;
  readonly toolCache: string;
  readonly env: Readonly<Record<string, string>>;
  readonly masker: Masker;
  readonly cancelled: AbortSignal;
  readonly now: () => number;
  readonly say: (said: Said) => void;
}): LocalHost {
  const places = {
    workspace: options.workspace,
    temp: made(join(options.dir, "temp")),
    toolCache: made(options.toolCache),
    home: options.env["HOME"] ?? options.dir,
    actions: made(options.actions),
    files: made(join(options.dir, "files")),
  };
  const missing = dockerMissing(options.env["PATH"] ?? "");
  const { masker } = options;
  const streams = new Map<number, MaskStream>();
  const programs = createPrograms(places.files);
  const flush = (step: number): void => {
    const rest = streams.get(step)?.flush();
    streams.delete(step);
    if (rest !== undefined && rest.length > 0) options.say({ kind: "log", step, text: rest });
  };
  return {
    places,
    node: process.execPath,
    env: options.env,
    services: {},
    docker: missing === null ? { argv: ["docker"] } : { missing },
    spawn: (program) => programs.run(program),
    log(step, text) {
      const stream = streams.get(step) ?? masker.stream();
      streams.set(step, stream);
      const clear = stream.push(Buffer.from(text.buffer, text.byteOffset, text.byteLength));
      // Copied: what the masker hands back may be a view of the reader's one buffer.
      if (clear.length > 0) options.say({ kind: "log", step, text: Buffer.from(clear) });
    },
    event(event) {
      if (event.e === "step" && event.at === "end") flush(event.n);
      options.say({ kind: "event", event: maskAll(event, masker.text) });
    },
    mask: (value) => void masker.add([value]),
    masked: masker.text,
    isRefusedName: () => false,
    cancelled: options.cancelled,
    now: options.now,
    close() {
      for (const step of streams.keys()) flush(step);
      programs.sweep();
    },
  };
}

/** Why Docker is not there; null when `path` has it. */
export function dockerMissing(path: string): string | null {
  const isThere = path.split(delimiter).some((dir) => dir !== "" && existsSync(join(dir, "docker")));
  return isThere ? null : "there is no `docker` on this machine's PATH";
}

function made(dir: string): string {
  mkdirSync(dir, { recursive: true });
  return dir;
}
