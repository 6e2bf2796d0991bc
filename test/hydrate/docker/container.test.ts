import { chownSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import type { ContainerProgram, JobContainer } from "../../../runner-bootstrap/boxd/steps/docker/docker.ts";
import { dockerMissing } from "../../servers/docker.ts";
import { until } from "../../servers/until.ts";
import { container, containers, dockerJob, endJobsAfterEach, labelled } from "./daemon.ts";
import type { Job } from "./daemon.ts";

const missing = dockerMissing();
const SERVER = 'require("net").createServer((to)=>to.end("hello-by-name")).listen(7000)';

endJobsAfterEach();

async function inside(job: Job, rest: Parameters<typeof container>[1] = {}): Promise<JobContainer> {
  const services = {
    peer: container(job.server.base, {
      entrypoint: "node",
      command: `-e "${SERVER.replaceAll('"', '\\"')}"`,
    }),
  };
  const wanted = containers({ container: container(job.server.base, rest), services });
  const started = await job.docker.start(1, wanted);
  if ("failed" in started) throw new Error(`${started.failed}\n${job.host.logged()}`);
  if (started.container === null) throw new Error("no container");
  expect(started.contexts.container["network"]).toMatch(/^crabbox-/);
  return started.container;
}

async function run(job: Job, at: JobContainer, script: string, rest: Partial<ContainerProgram> = {}) {
  const said: Uint8Array[] = [];
  const end = await at.spawn({
    argv: ["bash", "-c", script],
    cwd: job.host.places.workspace,
    env: {},
    addPath: [],
    step: 2,
    onOutput: (chunk) => said.push(chunk),
    ...rest,
  });
  return { end, said: Buffer.concat(said).toString("utf8") };
}

describe.skipIf(missing !== null)(`steps in a job's container (${missing ?? "a real daemon"})`, () => {
  test("environment, directories and paths are as GitHub has them", async () => {
    const job = await dockerJob();
    const at = await inside(job, { env: { FROM_JOB: "a b" }, options: "--hostname boxed --cpus 1" });
    const { places } = job.host;
    mkdirSync(join(places.workspace, "sub"));
    const output = join(places.files, "output");
    writeFileSync(output, "");
    const lines = "a\nb=\"c\"\n$HOME '\\'";
    const script =
      'pwd; hostname; echo "$HOME|$FROM_JOB|$CI|$GITHUB_ACTIONS|$GITHUB_OUTPUT|$PATH"; printf %s "$LINES_" >"$GITHUB_OUTPUT"; tool';
    const tools = join(places.toolCache, "bin");
    mkdirSync(tools);
    writeFileSync(join(tools, "tool"), '#!/bin/sh\necho \'#odd\' "$SPACED" "${DOCKER_HOST-}"\n', {
      mode: 0o755,
    });
    const env = {
      GITHUB_OUTPUT: output,
      LINES_: lines,
      SPACED: "  two  spaces # and more ",
      DOCKER_HOST: "tcp://nowhere",
      LONG: "x".repeat(70_000),
      "a-b.c": "1",
    };
    const { end, said } = await run(job, at, script, {
      cwd: join(places.workspace, "sub"),
      env,
      addPath: [tools],
    });
    expect(end).toEqual({ code: 0 });
    expect(said.split("\n")).toEqual([
      "/__w/app/app/sub",
      "boxed",
      expect.stringMatching(
        /^\/github\/home\|a b\|true\|true\|\/__w\/_runner_file_commands\/output\|\/__t\/bin:\/.*\/usr\/bin/,
      ),
      "#odd   two  spaces # and more  tcp://nowhere",
      "",
    ]);
    expect(readFileSync(output, "utf8")).toBe(lines);
    expect(at.outside("/__w/app/app/a.ts")).toBe(join(places.workspace, "a.ts"));
  });

  test("a service is reached by its name, and JavaScript runs on our Node", async () => {
    const job = await dockerJob();
    const at = await inside(job);
    const index = join(job.host.places.actions, "index.js");
    const client = 'require("net").connect(7000, "peer").pipe(process.stdout)';
    writeFileSync(index, `console.log(process.version, process.execPath); ${client}`);
    const found = await at.node(2);
    expect(found).toEqual({ node: "/__e/node24/bin/node" });
    const ran = await run(job, at, "", { argv: ["/__e/node24/bin/node", at.inside(index)] });
    expect(ran).toEqual({ end: { code: 0 }, said: `${process.version} /__e/node24/bin/node\nhello-by-name` });
  });

  test("a server of this machine is reached at the address for containers", async () => {
    const job = await dockerJob();
    const address = (await job.docker.address(1)) ?? "";
    const server = createServer((_request, response) => response.end("from-the-machine"));
    await new Promise<void>((resolve) => server.listen(0, address, resolve));
    const url = `http://${address}:${(server.address() as AddressInfo).port}/`;
    const at = await inside(job);
    const script = `fetch("${url}").then(async (answer) => console.log(await answer.text()))`;
    const ran = await run(job, at, "", { argv: ["node", "-e", script] });
    server.close();
    expect(ran).toEqual({ end: { code: 0 }, said: "from-the-machine\n" });
  });

  test("codes, programs that are not there, and directories that are not there", async () => {
    const job = await dockerJob();
    const at = await inside(job);
    expect((await run(job, at, "exit 7")).end).toEqual({ code: 7 });
    const none = await run(job, at, "", { argv: ["no-such-program"] });
    // 126 or 127: daemons differ.
    expect(none).toEqual({
      end: { code: expect.any(Number) },
      said: expect.stringContaining("no-such-program"),
    });
    expect(none.end.code).not.toBe(0);
    const nowhere = join(job.host.places.workspace, "nowhere");
    expect((await run(job, at, "true", { cwd: nowhere })).end.code).not.toBe(0);
  });

  test("a timeout and a cancelled step end what they started, and nothing else", async () => {
    const job = await dockerJob();
    const at = await inside(job);
    const stay = "trap '' INT; (sleep 1111 &) ; echo up; sleep 2222";
    const timed = await run(job, at, stay, { timeoutMs: 2_000 });
    expect(timed.end).toMatchObject({ timedOut: true });
    const abort = new AbortController();
    let isUp = false;
    const other = run(job, at, "echo up; sleep 3333", {
      onOutput: () => (isUp = true),
      signal: abort.signal,
    });
    await until(() => isUp, "the program in the container");
    const processes = await run(job, at, "cat /proc/[0-9]*/cmdline | tr '\\0' ' '");
    expect(processes.said).toContain("sleep 3333");
    expect(processes.said).not.toMatch(/1111|2222/);
    abort.abort();
    expect((await other).end.timedOut).toBeUndefined();
    expect((await run(job, at, "cat /proc/[0-9]*/cmdline | tr '\\0' ' '")).said).not.toContain("3333");
    expect((await run(job, at, "echo still-here")).said).toBe("still-here\n");
  });

  test("no value of the environment stands in arguments, and files of root become the workspace's owner's", async () => {
    const job = await dockerJob();
    const at = await inside(job);
    const { workspace } = job.host.places;
    const env = { SECRET: "p4ss-w0rd", MANY: "p4ss\nw0rd" };
    const seen = await run(job, at, "echo made > made; echo $SECRET", { env });
    expect(seen.said).toBe("p4ss-w0rd\n");
    expect(job.host.logged()).not.toContain("p4ss");
    chownSync(workspace, 12_345, 12_345);
    await job.docker.end(3);
    expect(statSync(join(workspace, "made")).uid).toBe(12_345);
    expect(labelled(job)).toEqual([]);
  });
});
