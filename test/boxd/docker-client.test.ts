import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, expect, it } from "vitest";

import { runOwn } from "../../runner-bootstrap/boxd/contain/run-own.ts";
import { removeTaskContainers } from "../../runner-bootstrap/boxd/steps/docker/left.ts";
import { dockerMissing } from "../servers/docker.ts";
import { killAllOf, processesOf } from "../servers/processes.ts";
import { until } from "../servers/until.ts";

let dir: string;
const sockets: Socket[] = [];
let server: Server | null = null;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "docker-client-"));
});
afterEach(async () => {
  killAllOf(dir);
  for (const socket of sockets.splice(0)) socket.destroy();
  await new Promise<void>((resolve) => (server === null ? resolve() : server.close(() => resolve())));
  server = null;
  rmSync(dir, { recursive: true, force: true });
});

/** Runs a shell script until it says `ready`, then ends it; answers its end. */
async function endedScript(script: string) {
  const over = new AbortController();
  let said = "";
  // All that it starts is known by the directory in its environment.
  const env = { PATH: process.env["PATH"] ?? "", MARK: dir };
  const onOutput = (chunk: Uint8Array): void => void (said += Buffer.from(chunk).toString());
  const running = runOwn({ argv: ["bash", "-c", script], env, cwd: dir, onOutput }, over.signal);
  await until(() => said.includes("ready"), "the script is ready");
  over.abort();
  return running;
}

it.each([
  ["its child", "sleep 300 & echo ready; wait"],
  ["a child that is deaf to TERM", "trap '' TERM INT; (trap '' TERM INT; sleep 300) & echo ready; wait"],
  ["a child in a group of its own", "set -m; sleep 300 & echo ready; wait"],
  ["a child in a session of its own", "setsid bash -c 'echo ready; sleep 300' & wait"],
  [
    "a child that has outlived it",
    "(while kill -0 $$ 2>/dev/null; do sleep 0.02; done; echo ready; sleep 300) &",
  ],
])("a client that is ended takes with it %s", async (_, script) => {
  expect(await endedScript(script)).toEqual({ timedOut: true });
  expect(processesOf(dir)).toEqual([]);
});

it("a client that is over already is not started, and one that cannot be is told", async () => {
  const parts = { env: { PATH: process.env["PATH"] ?? "" }, cwd: dir, onOutput: () => {} };
  const touch = { ...parts, argv: ["touch", join(dir, "was-run")] };
  expect(await runOwn(touch, AbortSignal.abort())).toEqual({ timedOut: true });
  expect(existsSync(join(dir, "was-run"))).toBe(false);
  const never = new AbortController().signal;
  expect(await runOwn({ ...parts, argv: ["/nowhere/docker"] }, never)).toEqual({
    error: expect.stringContaining("ENOENT"),
  });
  expect(await runOwn({ ...parts, argv: ["sh", "-c", "exit 3"] }, never)).toEqual({ code: 3 });
});

it.skipIf(dockerMissing() !== null)(
  "a daemon that never answers holds the end of a task up for its one deadline, which tells of it",
  async () => {
    const socket = join(dir, "docker.sock");
    server = createServer((client) => sockets.push(client));
    await new Promise<void>((resolve) => server?.listen(socket, resolve));
    const over = new AbortController();
    const removing = removeTaskContainers(
      {
        env: { PATH: process.env["PATH"] ?? "", DOCKER_HOST: `unix://${socket}` },
        places: { workspace: dir },
        log: () => {},
        spawn: (program) => runOwn(program, over.signal),
      },
      "app.crabbox.task=t_client",
      { showLogs: true },
    );
    await until(() => sockets.length > 0, "the client asks");
    over.abort();
    expect(await removing).toEqual(["Docker's containers (docker ps took too long)"]);
    expect(processesOf(socket)).toEqual([]);
  },
);
