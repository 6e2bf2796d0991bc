import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { closeSync, openSync, readFileSync, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { DemoError } from "./demo-error.ts";

export type AppProcess = {
  readonly url: string;
  /** Changes when the App was started again. */
  pid(): number;
  /** Lets it drain; answers when it is gone. */
  stop(): Promise<void>;
};

export type AppDeps = {
  readonly url: string;
  readonly env: Readonly<Record<string, string>>;
  readonly logFile: string;
  readonly watch: (pid: number) => void;
  /** The App ended by itself and is started again. */
  readonly onEnded: (how: string) => void;
  /** It could not be started again. */
  readonly onFailed: (error: DemoError) => void;
};

const PROGRAM = join(import.meta.dirname, "..", "app", "main.ts");
/** Opening a store and bundling boxd take a second or two on a slow machine. */
const READY_WITHIN_MS = 90_000;
/** It drains within 15 s by itself. */
const STOP_WITHIN_MS = 20_000;
const POLL_MS = 50;
/** A demo is for killing the App and looking on; an App that dies at each start is not worth the wait. */
const MAX_STARTS = 50;
const LOG_TAIL_BYTES = 4_000;

/** Starts the App as a process of its own, and again whenever it ends by itself; runs go on meanwhile on their boxes. */
export async function startApp(deps: AppDeps): Promise<AppProcess> {
  let stopping = false;
  let child = launch(deps);
  await ready(deps, child);
  void keep();

  async function keep(): Promise<void> {
    for (let starts = 1; ; starts += 1) {
      const how = await ended(child);
      if (stopping) return;
      deps.onEnded(how);
      try {
        if (starts === MAX_STARTS) throw failure(deps, "The App ended too often.");
        child = launch(deps);
        await ready(deps, child);
      } catch (error) {
        if (!stopping) deps.onFailed(error as DemoError);
        return;
      }
    }
  }

  return {
    url: deps.url,
    pid: () => child.pid ?? 0,
    async stop() {
      stopping = true;
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = ended(child);
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), STOP_WITHIN_MS);
      await gone;
      clearTimeout(timer);
    },
  };
}

function launch(deps: AppDeps): ChildProcess {
  const log = openSync(deps.logFile, "a", 0o600);
  const child = spawn(process.execPath, [PROGRAM], {
    env: { ...cleanEnvironment(), ...deps.env },
    stdio: ["ignore", log, log],
  });
  closeSync(log);
  if (child.pid !== undefined) deps.watch(child.pid);
  return child;
}

/** The person's environment without what npm put in front of it, and with nothing between programs of this machine. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("npm_")));
  const isNpms = (dir: string): boolean => /[/\\]node_modules[/\\]\.bin$|[/\\]node-gyp-bin$/u.test(dir);
  const path = (env["PATH"] ?? "").split(delimiter).filter((dir) => !isNpms(dir));
  const direct = [env["no_proxy"] ?? env["NO_PROXY"] ?? "", "127.0.0.1", "localhost"]
    .filter((one) => one !== "")
    .join(",");
  return { ...env, PATH: path.join(delimiter), no_proxy: direct, NO_PROXY: direct };
}

async function ready(deps: AppDeps, child: ChildProcess): Promise<void> {
  let gone: string | null = null;
  void ended(child).then((how) => (gone = how));
  for (const until = Date.now() + READY_WITHIN_MS; ; await sleep(POLL_MS)) {
    if (gone !== null) throw failure(deps, `The App did not start (${String(gone)}).`);
    if (Date.now() > until) throw failure(deps, `The App was not ready within ${READY_WITHIN_MS / 1000} s.`);
    const response = await fetch(`${deps.url}/readyz`, {
      signal: AbortSignal.timeout(READY_WITHIN_MS),
    }).catch(() => null);
    await response?.body?.cancel();
    if (response?.ok === true) return;
  }
}

function ended(child: ChildProcess): Promise<string> {
  if (child.exitCode !== null) return Promise.resolve(`exit code ${child.exitCode}`);
  if (child.signalCode !== null) return Promise.resolve(child.signalCode);
  return new Promise((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("exit", (code, signal) => resolve(signal ?? `exit code ${code}`));
  });
}

function failure(deps: AppDeps, message: string): DemoError {
  return new DemoError(message, `Its log is ${deps.logFile}`, tail(deps.logFile));
}

function tail(file: string): string {
  const size = statSync(file).size;
  return readFileSync(file)
    .subarray(Math.max(0, size - LOG_TAIL_BYTES))
    .toString("utf8");
}
