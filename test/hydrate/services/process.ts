/** Services in a process of their own, which can be killed. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";

import type { Client } from "./client.ts";
import { createClient } from "./client.ts";

export type ServiceProcess = {
  readonly client: Client;
  /** The most memory that it had, so far. */
  peakBytes(): number;
  /** SIGKILL; resolves when it is gone. Safe to repeat. */
  kill(): Promise<void>;
};

const SERVICES = new URL("../../../runner-bootstrap/boxd/steps/services/", import.meta.url).href;
/** Says the environment of its steps in one line, and lives on. */
const PROGRAM = `
const [{ createFileStore }, { startServices }, { cacheScopes }] = await Promise.all(
  ["file-store/file-store.ts", "services.ts", "scopes.ts"].map((file) => import(${JSON.stringify(SERVICES)} + file)));
const main = "refs/heads/main", repository = "octo/app", now = Date.now;
const store = await createFileStore({ root: process.argv[1], now });
const caches = cacheScopes({ repository, ref: main, defaultRef: main });
const { env } = await startServices({ store, repository, run: "1", job: process.argv[2], caches, now });
console.log(JSON.stringify(env));
`;

/** Starts one over the store in `root`. */
export async function startServiceProcess(root: string, job: string): Promise<ServiceProcess> {
  const child = spawn(process.execPath, ["--input-type=module", "-e", PROGRAM, root, job], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const gone = once(child, "exit");
  const lines = createInterface(child.stdout);
  const first = await Promise.race([once(lines, "line"), gone.then(() => [])]);
  const [line] = first as unknown[];
  if (typeof line !== "string") throw new Error("the services did not start");
  return {
    client: createClient(JSON.parse(line) as Record<string, string>),
    peakBytes() {
      const status = readFileSync(`/proc/${child.pid ?? 0}/status`, "utf8");
      return Number(/^VmHWM:\s+([0-9]+) kB$/mu.exec(status)?.[1]) * 1024;
    },
    async kill() {
      child.kill("SIGKILL");
      await gone;
    },
  };
}
