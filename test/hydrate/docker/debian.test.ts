import { connect } from "node:net";

import { describe, expect, test } from "vitest";

import { dockerMissing, startDocker } from "../../servers/docker.ts";
import { freePort } from "../../servers/stage.ts";
import type { DockerServer } from "../../servers/docker.ts";
import { build, container, containers, dockerJob, endJobsAfterEach } from "./daemon.ts";

const missing = dockerMissing();
const HEALTH = "--health-interval 1s --health-timeout 10s --health-retries 90";
const IMAGE_TIMEOUT_MS = 12 * 60_000;

endJobsAfterEach();

/** As the images that workflows name, of Debian's own packages: kept by the daemon for the next run of the tests. */
const images = missing === null ? debianImages(await startDocker()) : null;
const skipped = missing ?? (images === null ? "no package of Debian's can be had in a build" : null);

function debianImages(server: DockerServer): { readonly redis: string; readonly postgres: string } | null {
  const install = (names: string) =>
    `RUN apt-get update && apt-get install -y --no-install-recommends ${names} && rm -rf /var/lib/apt/lists/*`;
  const redis = build(
    server,
    "crabbox-test/redis",
    `FROM ${server.base}\n${install("redis-server redis-tools")}\nENTRYPOINT ["redis-server"]\nCMD ["--protected-mode", "no"]\n`,
  );
  const start = [
    'echo "$POSTGRES_PASSWORD" > /tmp/password',
    "initdb -D /tmp/data -U postgres -A scram-sha-256 --pwfile=/tmp/password",
    "echo 'host all all all scram-sha-256' >> /tmp/data/pg_hba.conf",
    "exec postgres -D /tmp/data -c listen_addresses='*' -c unix_socket_directories=/tmp",
  ].join(" && ");
  const postgres = build(
    server,
    "crabbox-test/postgres",
    `FROM ${server.base}\n${install("postgresql")}\nENV PATH=/usr/lib/postgresql/15/bin:$PATH\nUSER postgres\nENTRYPOINT ["sh", "-c", "${start.replaceAll('"', '\\"')}"]\n`,
  );
  return redis === null || postgres === null ? null : { redis, postgres };
}

function ask(port: string, words: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), "127.0.0.1", () => socket.write(words));
    socket.once("data", (data) => {
      resolve(data.toString("utf8"));
      socket.destroy();
    });
    socket.once("error", reject);
  });
}

describe.skipIf(skipped !== null)(
  `Debian's redis and postgresql as services (${skipped ?? "a real daemon"})`,
  () => {
    test(
      "redis by its mapped port, postgresql from a job's container by its name",
      { timeout: IMAGE_TIMEOUT_MS },
      async () => {
        const job = await dockerJob();
        const own = await freePort();
        const redis = container(images?.redis ?? "", {
          ports: ["6379"],
          options: `--health-cmd "redis-cli ping" ${HEALTH}`,
        });
        const postgres = container(images?.postgres ?? "", {
          ports: [`${own}:5432/tcp`, "5433"],
          env: { POSTGRES_PASSWORD: "p w" },
          options: `--health-cmd "pg_isready -h 127.0.0.1 -U postgres" ${HEALTH}`,
        });
        const wanted = { container: container(images?.postgres ?? ""), services: { redis, postgres } };
        const started = await job.docker.start(1, containers(wanted));
        if ("failed" in started) throw new Error(`${started.failed}\n${job.host.logged()}`);
        const ports = (name: string) =>
          (started.contexts.services[name] as { ports: Record<string, string> }).ports;
        expect(await ask(ports("redis")["6379"] ?? "", "PING\r\n")).toBe("+PONG\r\n");
        expect(Object.keys(ports("postgres"))).toEqual(["5432", "5433"]);
        expect(ports("postgres")["5432"]).toBe(String(own));
        const said: Uint8Array[] = [];
        const end = await started.container?.spawn({
          argv: ["psql", "-h", "postgres", "-U", "postgres", "-tAc", "select 6 * 7"],
          cwd: job.host.places.workspace,
          env: { PGPASSWORD: "p w" },
          addPath: [],
          step: 2,
          onOutput: (chunk) => said.push(chunk),
        });
        expect({ end, said: Buffer.concat(said).toString("utf8") }).toEqual({
          end: { code: 0 },
          said: "42\n",
        });
      },
    );
  },
);
