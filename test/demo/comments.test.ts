import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, expect, test } from "vitest";
import { countRuns } from "../../demo/comments.ts";
import { jsonLines, runDemoProcess, startDemoProcess } from "./demo-process.ts";
import { killAllOf, processesOf } from "../servers/processes.ts";
import { makeRepository } from "./repository.ts";

const WITHIN_MS = 5 * 60_000;
const POLL_MS = 100;
const temporary = mkdtempSync(join(tmpdir(), "crabbox-test-demo-"));

afterAll(() => {
  killAllOf(temporary);
  rmSync(temporary, { recursive: true, force: true });
});

test("counts the runs that a comment asks for", () => {
  expect(countRuns("/crabbox run -- npm test")).toBe(1);
  expect(countRuns("/crabbox run --noop -- npm test\n/crabbox help")).toBe(0);
  expect(countRuns("/crabbox run -- tool --noop\n/crabbox retry")).toBe(2);
  expect(countRuns("/crabbox job test --matrix a=b\n/crabbox jobs\n/crabbox job --help")).toBe(1);
  expect(countRuns("```\n/crabbox run -- x\n```\nsay /crabbox run")).toBe(0);
});

test(
  "somebody's own repository: each comment's outcome, exit code 1 when a run does not succeed",
  async () => {
    const { dir, headSha } = makeRepository(join(temporary, "mine"));
    const comments = [
      "/crabbox run -- cat file; git rev-parse HEAD",
      "/crabbox run -- exit 4",
      "/crabbox status",
    ];
    const argv = comments.flatMap((comment) => ["--comment", comment]);
    const { code, stdout } = await runDemoProcess(["--once", "--json", "--repo", dir, ...argv], {
      TMPDIR: temporary,
    });
    const lines = jsonLines(stdout);
    const outcomes = lines.filter(({ type }) => type === "check_run").map(({ outcome }) => outcome);
    expect(outcomes).toEqual(["succeeded", "failed"]);
    const output = lines.filter(({ type }) => type === "log").map(({ text }) => text);
    expect(output.join("")).toBe(`second\n${headSha}\n`);
    expect(lines.find(({ event }) => event === "answer")?.["text"]).toContain("Succeeded");
    expect(code).toBe(1);
  },
  WITHIN_MS,
);

test(
  "killed and started again with the same state, a run goes on and is not repeated",
  async () => {
    const state = join(temporary, "state");
    const gate = await openGate();
    const comment = `/crabbox run -- echo begun; read -r word </dev/tcp/127.0.0.1/${gate.port}; echo "$word"`;
    const argv = ["--once", "--json", "--state", state, "--comment", comment];
    const first = startDemoProcess(argv);
    await until(() => first.stdout().includes("begun\\n"));
    first.kill("SIGKILL");
    await first.ended;
    const second = startDemoProcess(argv);
    await until(() => second.stdout().includes("begun\\n"));
    gate.open("ended");
    const { code, stdout } = await second.ended;
    const checks = jsonLines(stdout).filter(({ type }) => type === "check_run");
    expect(checks.map(({ outcome }) => outcome)).toEqual(["succeeded"]);
    const output = jsonLines(stdout).map(({ type, text }) => (type === "log" ? text : ""));
    expect(output.join("")).toMatch(/begun\nended\n$/);
    expect(gate.visitors()).toBe(1);
    expect(code).toBe(0);
    expect(processesOf(state)).toEqual([]);
  },
  WITHIN_MS,
);

/** A command that connects waits until the gate opens. */
async function openGate() {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    socket.on("error", () => socket.destroy());
    sockets.push(socket);
  });
  await new Promise<void>((done) => {
    server.listen(0, "127.0.0.1", done);
  });
  const { port } = server.address() as AddressInfo;
  return {
    port,
    visitors: () => sockets.length,
    open(word: string) {
      for (const socket of sockets) socket.end(`${word}\n`);
      server.close();
    },
  };
}

async function until(holds: () => boolean): Promise<void> {
  const end = Date.now() + WITHIN_MS / 2;
  while (!holds() && Date.now() < end) await sleep(POLL_MS);
  expect(holds()).toBe(true);
}
