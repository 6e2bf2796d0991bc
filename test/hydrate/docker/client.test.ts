import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterEach, describe, expect, test } from "vitest";

import { openDocker } from "../../../runner-bootstrap/boxd/steps/docker/open.ts";
import type { EngineHost } from "../../../runner-bootstrap/boxd/steps/host.ts";
import { until } from "../../servers/until.ts";
import { container, containers } from "./daemon.ts";
import { testHost } from "./test-host.ts";
import type { TestHost } from "./test-host.ts";

const ID = "a".repeat(64);
/** In the stead of minutes. */
const SHORT_MS = 1_000;
const MAKE_MS = 15 * 60_000;
const USUAL = `case "$1" in
version) echo 28;;
context) echo "\${CONTEXT:-unix:///var/run/docker.sock false {\\}}";;
create) echo ${ID};;
ps) case "$*" in *filter=id=*) echo ${ID};; esac;;
inspect) echo '{"Running":true,"Health":{"Status":"healthy"}}';;
esac`;
const SERVICES = { services: { db: container("postgres", { options: "--health-cmd pg_isready" }) } };

const hosts: TestHost[] = [];
afterEach(() => {
  for (const host of hosts.splice(0)) host.remove();
});

type Called = { readonly host: TestHost; readonly calls: () => string; readonly bounds: Map<string, number> };

/** A docker client of a shell's lines, then the usual answers; calls that `isShort` have less time than they were given. */
function client(
  lines: string,
  over: Partial<EngineHost> = {},
  isShort: (line: string) => boolean = () => false,
): Called {
  const plain = testHost({ missing: "not yet" });
  hosts.push(plain);
  const file = join(plain.places.files, "docker");
  writeFileSync(`${file}.calls`, "");
  writeFileSync(file, `#!/bin/sh\necho "$*" >> "$0.calls"\n${lines}\n${USUAL}\n`, { mode: 0o755 });
  const bounds = new Map<string, number>();
  const host: TestHost = {
    ...plain,
    docker: { argv: [file] },
    containers: { label: "app.crabbox.task=t_client", begin: () => {} },
    ...over,
    spawn: (program) => {
      const line = program.argv.slice(1).join(" ");
      if (program.timeoutMs !== undefined) bounds.set(program.argv[1] ?? "", program.timeoutMs);
      return plain.spawn(isShort(line) ? { ...program, timeoutMs: SHORT_MS } : program);
    },
  };
  return { host, bounds, calls: () => readFileSync(`${file}.calls`, "utf8") };
}

describe("a docker client", () => {
  test("that warns of something beside its answer is understood", async () => {
    const { host } = client("echo 'WARNING: Error loading config file' >&2");
    expect(await openDocker(host, "warns").start(1, containers(SERVICES))).not.toHaveProperty("failed");
  });

  test("may take its time to create and to start, and one that took all of it is cleared up behind", async () => {
    const slow = client('[ "$1" = create ] && exec sleep 60', {}, (line) => line.startsWith("create"));
    const docker = openDocker(slow.host, "slow");
    expect(await docker.start(1, containers(SERVICES))).toEqual({
      failed: "service db: docker create took too long",
    });
    await docker.end(2);
    expect(slow.host.logged()).not.toContain("has not answered the last call");
    const well = client("");
    await openDocker(well.host, "well").start(1, containers(SERVICES));
    expect([slow.bounds.get("create"), well.bounds.get("start")]).toEqual([MAKE_MS, MAKE_MS]);
  });

  test("whose words hold a secret where they are cut is quoted without it", async () => {
    const { host } = client(`[ "$1" = create ] && echo '${"x".repeat(295)} hunter22' && exit 1`);
    host.mask("hunter22");
    const { failed } = (await openDocker(host, "words").start(1, containers(SERVICES))) as { failed: string };
    expect(failed).toMatch(/x \*\*\*$/);
  });

  test("is asked for a ping after a call without an answer, and goes on when that is answered", async () => {
    const isNetwork = (line: string) => line.startsWith("network create");
    const { host, calls } = client('[ "$1 $2" = "network create" ] && exec sleep 60', {}, isNetwork);
    const docker = openDocker(host, "ping");
    expect(await docker.start(1, containers(SERVICES))).toEqual({
      failed: "docker network took too long",
    });
    const before = calls().length;
    await docker.end(2);
    expect(calls().slice(before)).toMatch(/^version .*\n[^]*network ls .*app\.crabbox\.job=ping/);
    expect(host.logged()).not.toContain("has not answered the last call");
  });

  test("that pulls in vain for all its time is not waited for three times", async () => {
    const isPull = (line: string) => line.startsWith("pull");
    const hangs = '[ "$1" = pull ] && exec sleep 60\n[ "$1" = image ] && exit 1';
    const { host, calls } = client(hangs, {}, isPull);
    expect(await openDocker(host, "pull").start(1, containers(SERVICES))).toEqual({
      failed: "service db: docker pull postgres took too long",
    });
    expect(calls().match(/^pull/gm)).toHaveLength(1);
  });

  test.each([
    ["the job's own time", "the job's time was over", false],
    ["a cancel", "the job was cancelled", true],
  ])("whose pull is cut by %s: that and the image are told", async (_, words, isCancelled) => {
    const { host, calls } = client('[ "$1" = pull ] && exec sleep 60\n[ "$1" = image ] && exit 1');
    const time = new AbortController();
    const starting = openDocker(host, "cut").start(1, containers(SERVICES), time.signal);
    await until(() => /^pull/m.test(calls()), "the pull");
    if (isCancelled) host.cancel();
    time.abort();
    expect(await starting).toEqual({
      failed: expect.stringContaining(`${words}; service db: docker pull postgres `) as string,
    });
  });
});

describe("a daemon of a docker context, by tcp", () => {
  const started = async (context: string, env: Record<string, string> = {}) => {
    const { host } = client("", { env: { PATH: process.env["PATH"] ?? "", CONTEXT: context, ...env } });
    const made = await openDocker(host, "tls").start(1, containers(SERVICES));
    return "failed" in made ? made.failed : "started";
  };

  test.each([
    ["with certificates", 'tcp://box:2376 false {"docker":["ca.pem"]}'],
    ["that nobody proves", "tcp://box:2376 true {}"],
  ])("%s is refused, unless their place is named where it outlives the task", async (_, context) => {
    expect(await started(context)).toMatch(/cannot be cleared up after their task: .*DOCKER_CERT_PATH/);
    expect(await started(context, { DOCKER_CERT_PATH: "/certs" })).toBe("started");
  });

  test.each(["tcp://box:2375 false {}", "tcp://box:2375 null null", "tcp://box:2375"])(
    "without any is taken: %s",
    async (context) => {
      expect(await started(context)).toBe("started");
    },
  );
});
