import { spawn, type ChildProcess } from "node:child_process";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import type { GitHub } from "../../demo/github/launch.ts";
import { until, witness } from "./until.ts";

const MAIN = join(import.meta.dirname, "..", "..", "app", "main.ts");

export type AppOptions = {
  readonly dir: string;
  readonly github: Pick<GitHub, "apiUrl" | "url" | "appId" | "privateKeyPem" | "webhookSecret">;
  /** Merged over the defaults of the settings file. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Where webhooks are sent; a fixed port keeps it the same over restarts. */
  readonly port: number;
  /** Files of its own beside another App's in `dir`. */
  readonly name?: string;
  /** People can log in; GitHub must know the callback. */
  readonly login?: { readonly clientId: string; readonly clientSecret: string };
  /** Default: a directory named after it in `dir`. */
  readonly stateDir?: string;
};

export type AppProcess = {
  readonly url: string;
  readonly stateDir: string;
  readonly pid: () => number;
  /** Starts it (again) and waits until it is ready, or until it ended by itself. */
  start(): Promise<"ready" | "ended">;
  /** The signal, and waits for its end. */
  end(
    signal: NodeJS.Signals,
  ): Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  running(): boolean;
  log(): string;
};

/** The App as a process of its own, as an operator would run it. */
export function appProcess(options: AppOptions): AppProcess {
  const { dir, github, port, name = "app" } = options;
  const stateDir = options.stateDir ?? join(dir, name);
  const config = join(dir, `${name}.yml`);
  const keyFile = join(dir, `${name}.pem`);
  const logFile = join(dir, `${name}.log`);
  mkdirSync(dir, { recursive: true });
  writeFileSync(keyFile, github.privateKeyPem, { mode: 0o600 });
  const url = `http://127.0.0.1:${port}`;
  writeFileSync(
    config,
    stringify({
      accounts: ["acme"],
      stateDir,
      publicUrl: url,
      listen: { host: "127.0.0.1", port },
      github: { apiUrl: github.apiUrl, webUrl: github.url },
      pacer: { contentPerMinute: 100_000, contentPerHour: 1_000_000, pointsPerMinute: 1_000_000 },
      providers: [{ kind: "local", name: "local", inContainer: "allow" }],
      ...options.settings,
    }),
  );
  appendFileSync(logFile, "");
  witness(() => (existsSync(logFile) ? `the log of ${name}:\n${readFileSync(logFile, "utf8")}` : ""));
  let child: ChildProcess | null = null;
  let ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }> = Promise.resolve({
    code: 0,
    signal: null,
  });
  const running = () => child !== null && child.exitCode === null && child.signalCode === null;

  return {
    url,
    stateDir,
    pid: () => child?.pid ?? 0,
    running,
    log: () => readFileSync(logFile, "utf8"),
    async start() {
      rmSync(join(stateDir, "url"), { force: true });
      const out = openSync(logFile, "a");
      const started = spawn(process.execPath, [MAIN], {
        cwd: dir,
        stdio: ["ignore", out, out],
        env: {
          PATH: process.env["PATH"],
          HOME: process.env["HOME"],
          NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"],
          APP_ID: String(github.appId),
          PRIVATE_KEY_PATH: keyFile,
          WEBHOOK_SECRET: github.webhookSecret,
          CRABBOX_CONFIG: config,
          ...(options.login === undefined
            ? {}
            : { CLIENT_ID: options.login.clientId, CLIENT_SECRET: options.login.clientSecret }),
          LOG_LEVEL: "debug",
        },
      });
      child = started;
      ended = new Promise((resolve) => started.once("exit", (code, signal) => resolve({ code, signal })));
      await until(() => existsSync(join(stateDir, "url")) || !running(), "the App to be ready or to end");
      return running() ? "ready" : "ended";
    },
    async end(signal) {
      child?.kill(signal);
      return ended;
    },
  };
}
