import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { createControl } from "./control.ts";
import type { Control } from "./control.ts";
import type { Ready } from "./start.ts";

export type LaunchOptions = {
  stateDir: string;
  /** 0, the default: any free port. */
  port?: number;
  host?: string;
  publicUrl?: string;
  githubRoot?: string;
  appName?: string;
  webhookUrl?: string;
  webhookSecret?: string;
  /** Hears each line of the process's stderr: violations and mistakes. */
  onLine?: (line: string) => void;
};

export type GitHub = Ready & {
  control: Control;
  appSlug: string;
  privateKeyPem: string;
  webhookSecret: string;
  clientId: string;
  clientSecret: string;
  pid: number;
  /** Ends the process; answers when it is gone. */
  stop: () => Promise<void>;
};

const READY_WITHIN_MS = 60_000;
const STOP_WITHIN_MS = 10_000;
const SECRET_NAME = "OFFLINE_GITHUB_WEBHOOK_SECRET";

/** Starts the offline GitHub as a process of its own and waits until it answers. */
export async function launchGitHub(options: LaunchOptions): Promise<GitHub> {
  const flags = ["--disable-warning=ExperimentalWarning", join(import.meta.dirname, "main.ts")];
  const child = spawn(process.execPath, [...flags, ...argumentsOf(options)], {
    // The pipe ends with us, however we end, and the process with it.
    stdio: ["pipe", "pipe", "pipe"],
    env: {
      ...process.env,
      ...(options.webhookSecret === undefined ? {} : { [SECRET_NAME]: options.webhookSecret }),
    },
  });
  const lines: string[] = [];
  createInterface({ input: child.stderr }).on("line", (line) => {
    lines.push(line);
    if (lines.length > 50) lines.shift();
    options.onLine?.(line);
  });
  const gone = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
  });
  const ready = await new Promise<Ready>((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      reject(new Error("the offline GitHub was not ready in time"));
    }, READY_WITHIN_MS);
    child.once("error", reject);
    void gone.then(() => reject(new Error(`the offline GitHub ended: ${lines.join("\n")}`)));
    createInterface({ input: child.stdout }).once("line", (line) => {
      clearTimeout(timer);
      resolve(JSON.parse(line) as Ready);
    });
  });
  const control = createControl(ready.controlUrl);
  const { appSlug, privateKeyPem, webhookSecret, clientId, clientSecret } = await control.info();
  return {
    ...ready,
    control,
    appSlug,
    privateKeyPem,
    webhookSecret,
    clientId,
    clientSecret,
    pid: child.pid ?? 0,
    stop: async () => {
      const timer = setTimeout(() => child.kill("SIGKILL"), STOP_WITHIN_MS);
      child.kill("SIGTERM");
      await gone;
      clearTimeout(timer);
    },
  };
}

function argumentsOf(options: LaunchOptions): string[] {
  const named: [string, string | undefined][] = [
    ["--state", options.stateDir],
    ["--port", String(options.port ?? 0)],
    ["--host", options.host],
    ["--public-url", options.publicUrl],
    ["--github-root", options.githubRoot],
    ["--app-name", options.appName],
    ["--webhook-url", options.webhookUrl],
    ["--webhook-secret-env", options.webhookSecret === undefined ? undefined : SECRET_NAME],
  ];
  return [
    "--until-stdin-ends",
    ...named.flatMap(([name, value]) => (value === undefined ? [] : [name, value])),
  ];
}
