import { existsSync, rmSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";

import { afterEach, describe, expect, test } from "vitest";

import { openDocker } from "../../../runner-bootstrap/boxd/steps/docker/open.ts";
import type { EngineHost } from "../../../runner-bootstrap/boxd/steps/host.ts";
import { docker as call, dockerMissing, startDocker } from "../../servers/docker.ts";
import { processesOf } from "../../servers/processes.ts";
import { until } from "../../servers/until.ts";
import { container, containers } from "./daemon.ts";
import { testHost } from "./test-host.ts";
import type { TestHost } from "./test-host.ts";

const missing = dockerMissing();
/** In the stead of a minute or two. */
const HUNG_MS = 500;

type Door = {
  readonly socket: string;
  readonly host: TestHost;
  readonly key: string;
  readonly base: string;
  readonly isAsked: () => boolean;
};

let closing: (() => Promise<void>)[] = [];
let count = 0;

afterEach(async () => {
  for (const close of closing) await close();
  closing = [];
});

/** A real daemon behind a socket of ours, which stops answering at the first call that `hangsAt`; clients are then given little time. */
async function door(
  hangsAt: (argv: readonly string[]) => boolean = () => true,
  containers?: EngineHost["containers"],
): Promise<Door> {
  const { socketPath, base } = await startDocker();
  const plain = testHost({ missing: "not yet" });
  const socket = join(plain.places.files, "docker.sock");
  const open = new Set<Socket>();
  let isHanging = false;
  let asked = 0;
  const server: Server = createServer((client) => {
    open.add(client.on("error", () => client.destroy()));
    if (isHanging) return void (asked += 1);
    const daemon = connect(socketPath).on("error", () => client.destroy());
    open.add(daemon);
    client.pipe(daemon).pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  const host: TestHost = {
    ...plain,
    docker: { argv: ["docker", "-H", `unix://${socket}`] },
    ...(containers === undefined ? {} : { containers }),
    spawn: async (program) => {
      isHanging ||= hangsAt(program.argv);
      const { timeoutMs } = program;
      return plain.spawn(isHanging && timeoutMs !== undefined ? { ...program, timeoutMs: HUNG_MS } : program);
    },
  };
  count += 1;
  const key = `hang-${process.pid}-${count}`;
  closing.push(async () => {
    for (const one of open) one.destroy();
    await new Promise<void>((resolve) => server.close(() => resolve()));
    const filter = `--filter=label=app.crabbox.job=${key}`;
    for (const id of (call(socketPath, ["ps", "--all", "--quiet", filter]) ?? "").split("\n"))
      if (id !== "") call(socketPath, ["rm", "--force", "--volumes", id]);
    call(socketPath, ["network", "prune", "--force", filter]);
    host.remove();
    if (existsSync(socket)) rmSync(socket);
  });
  return { socket, host, key, base, isAsked: () => asked > 0 };
}

/** The same host, where these calls have all the time in the world. */
function patient(host: TestHost, which: (argv: readonly string[]) => boolean = () => true): TestHost {
  return {
    ...host,
    spawn: async (program) => {
      const { timeoutMs, ...rest } = program;
      return host.spawn(timeoutMs === undefined || which(program.argv) ? rest : program);
    },
  };
}

describe.skipIf(missing !== null)(`a daemon that hangs (${missing ?? "a real one behind a door"})`, () => {
  test("from the beginning: told with its name, and nothing waits for it after that", async () => {
    const { host, key, base, socket } = await door();
    const docker = openDocker(host, key);
    const failed = "Docker does not answer: docker version took too long";
    const wanted = containers({ services: { db: container(base) } });
    expect(await docker.start(1, wanted)).toEqual({ failed });
    expect(await docker.prepare(1, { image: `docker://${base}` })).toEqual({ failed });
    expect(await docker.address(1)).toBeNull();
    await docker.end(2);
    expect(processesOf(socket)).toEqual([]);
  });

  test("while it is asked for the first time: a cancelled job goes on at once, and later steps ask anew", async () => {
    const { host, key, isAsked, socket } = await door();
    const docker = openDocker(patient(host), key);
    const starting = docker.start(1, containers({ services: { db: container("any") } }));
    await until(isAsked, "the first call");
    host.cancel();
    expect(await starting).toEqual({ failed: "the job was cancelled" });
    expect(processesOf(socket)).toEqual([]);
    const prepared = await openDocker(host, key).prepare(2, { image: "docker://any" });
    expect(prepared).toEqual({ failed: expect.stringMatching(/^Docker does not answer/) as string });
  });

  test("after services were started: which one cannot be told of is said, and clearing up does not wait again", async () => {
    const { host, key, base, isAsked, socket } = await door(
      (argv) => argv.includes("inspect") && argv.at(-1)?.length === 64,
    );
    const docker = openDocker(host, key);
    const services = { db: container(base, { entrypoint: "sleep", command: "300" }) };
    expect(await docker.start(1, containers({ services }))).toEqual({
      failed: "service db: docker inspect took too long",
    });
    expect(isAsked()).toBe(true);
    await docker.end(2);
    expect(host.logged()).toContain("Docker has not answered the last call");
    expect(processesOf(socket)).toEqual([]);
  });

  test("while containers are made: a cancelled task leaves them to its own end when Docker does not answer", async () => {
    const label = { label: "app.crabbox.task=t_hanging", begin: () => {} };
    const { host, key, base, isAsked, socket } = await door((argv) => argv.includes("create"), label);
    const docker = openDocker(
      patient(host, (argv) => !argv.includes("version")),
      key,
    );
    const starting = docker.start(1, containers({ services: { db: container(base) } }));
    await until(isAsked, "docker network create");
    host.cancel();
    expect(await starting).toEqual({
      failed: expect.stringMatching(/^the job was cancelled; docker network was killed/) as string,
    });
    await docker.end(2);
    expect(host.logged()).toContain("Docker does not answer: containers are removed with the task.");
    expect(processesOf(socket)).toEqual([]);
  });
});
