import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { payload, post, SECRET } from "./stage.ts";

const { privateKey } = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
  publicKeyEncoding: { type: "spki", format: "pem" },
});
const WAIT = { timeout: 60_000, interval: 20 };

let dir = "";
let children: ChildProcess[] = [];
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "crabbox-crash-"));
  children = [];
});
afterEach(async () => {
  await Promise.all(children.map((child) => kill(child)));
  await rm(dir, { recursive: true, force: true });
});

async function start(mode: "door" | "hang" | "work"): Promise<{ child: ChildProcess; url: string }> {
  const script = fileURLToPath(new URL("./process.ts", import.meta.url));
  const child = spawn(process.execPath, [script, dir, mode, privateKey, SECRET], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  children.push(child);
  const [url] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  return { child, url };
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGKILL");
  await gone;
}

async function handled(mode: string): Promise<string[]> {
  const text = await readFile(join(dir, `${mode}.txt`), "utf8").catch(() => "");
  return text.split("\n").filter((line) => line !== "");
}

test("killed after the answer and before the handler: handled once after the restart", async () => {
  const first = await start("door");
  for (let n = 0; n < 5; n += 1) {
    const response = await post(first.url, payload({ number: n, text: `comment ${n}` }), {
      guid: `guid-${n}`,
    });
    expect(response.status).toBe(202);
  }
  await kill(first.child);
  const second = await start("work");
  const expected = [0, 1, 2, 3, 4].map((n) => `guid-${n} /crabbox run -- comment ${n}`);
  await expect.poll(async () => (await handled("work")).sort(), WAIT).toEqual(expected);
  // GitHub, which saw the answer, never sends again; a person pressing "Redeliver" changes nothing.
  const again = await post(second.url, payload({ number: 0, text: "comment 0" }), { guid: "guid-0" });
  expect(await again.json()).toEqual({ status: "duplicate" });
  expect(await handled("work")).toHaveLength(5);
});

test("killed inside the handler: the next process takes it up at once", async () => {
  const first = await start("hang");
  await post(first.url, payload(), { guid: "guid" });
  await expect.poll(() => handled("hang"), WAIT).toHaveLength(1);
  await kill(first.child);
  await start("work");
  await expect.poll(() => handled("work"), WAIT).toHaveLength(1);
});
