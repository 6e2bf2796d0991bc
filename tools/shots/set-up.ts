import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { stringify } from "yaml";
import { freePort } from "../../demo/ports.ts";

const PROGRAM = join(import.meta.dirname, "..", "..", "app", "main.ts");
const ADDRESS = /https?:\/\/\S+?(?<path>\/setup\?token=\S+)/u;
const WITHIN_MS = 60_000;

/** A server that is no App yet: answers where its set-up begins, and how it ends. */
export async function beginSetUp(
  dir: string,
  github: { readonly apiUrl: string; readonly url: string },
): Promise<{ readonly url: string; end(): Promise<void> }> {
  const port = await freePort();
  const config = join(dir, "set-up.yml");
  const settings = {
    accounts: ["harbour"],
    stateDir: join(dir, "set-up"),
    publicUrl: "https://crabbox.example.com",
    listen: { host: "127.0.0.1", port },
    github: { apiUrl: github.apiUrl, webUrl: github.url },
    providers: [{ kind: "local", name: "local", inContainer: "allow" }],
  };
  writeFileSync(config, stringify(settings));
  const child = spawn(process.execPath, [PROGRAM], {
    cwd: dir,
    stdio: ["ignore", "ignore", "pipe"],
    env: { PATH: process.env["PATH"], HOME: dir, CRABBOX_CONFIG: config },
  });
  const gone = new Promise<void>((resolve) => {
    child.once("close", () => resolve());
  });
  const url = await new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => child.kill("SIGKILL"), WITHIN_MS);
    createInterface({ input: child.stderr }).on("line", (line) => {
      const path = ADDRESS.exec(line)?.groups?.["path"];
      if (path === undefined) return;
      clearTimeout(timer);
      resolve(`http://127.0.0.1:${port}${path}`);
    });
    void gone.then(() => reject(new Error("the server without an App ended before it said its address")));
  });
  return {
    url,
    async end() {
      child.kill("SIGTERM");
      await gone;
    },
  };
}
