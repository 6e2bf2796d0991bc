import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { createSystemClock } from "../../app/clock.ts";
import { createHostExec } from "../../app/ssh/host-exec.ts";
import { createDocker } from "../../providers/docker/docker.ts";
import { DockerSettings } from "../../providers/docker/settings.ts";
import { docker, startDocker } from "../servers/docker.ts";

import type { z } from "zod";
import type { HostExecResult } from "../../app/ssh/host-exec.ts";
import type { Provider, ProviderBox } from "../../providers/provider.ts";
import type { DockerDeps } from "../../providers/docker/docker.ts";
import type { DockerServer } from "../servers/docker.ts";

const EXEC_TIMEOUT_MS = 60_000;
let stages = 0;

export type DockerStage = {
  readonly server: DockerServer;
  /** Of this stage alone: the daemon is shared. */
  readonly name: string;
  readonly stateDir: string;
  /** A provider as a started App makes it; each call is a restart. */
  open(change?: Partial<z.input<typeof DockerSettings>>): Promise<Provider>;
  /** The same, not opened yet. */
  make(change?: Partial<z.input<typeof DockerSettings>>, deps?: Pick<DockerDeps, "firewall">): Provider;
  /** A command on a box as the App would run it. */
  exec(box: ProviderBox, command: string): Promise<HostExecResult>;
  /** The docker client's answer; null when it failed. */
  docker(...args: readonly string[]): string | null;
  stop(): Promise<void>;
};

/** A base image by debootstrap and a box image on it, on a busy machine; seconds when they are there. */
export const PREPARE_TIMEOUT_MS = 20 * 60_000;

/** Has the daemon and its images ready, so that no test waits for them. For `beforeAll`, with `PREPARE_TIMEOUT_MS`. */
export async function prepareDocker(): Promise<void> {
  const stage = await dockerStage();
  try {
    await stage.open();
  } finally {
    await stage.stop();
  }
}

/** A real Docker daemon, and docker providers on it that see nothing but their own boxes. */
export async function dockerStage(): Promise<DockerStage> {
  const server = await startDocker();
  stages += 1;
  const name = `t${process.pid}-${stages}`;
  const stateDir = mkdtempSync(join(tmpdir(), "cbx-docker-"));
  const clock = createSystemClock();
  const ssh = createHostExec({ clock });
  const ask = (...args: readonly string[]) => docker(server.socketPath, args);
  const make: DockerStage["make"] = (change = {}, deps = {}) =>
    createDocker(
      DockerSettings.parse({
        kind: "docker",
        name,
        socketPath: server.socketPath,
        image: { base: server.base },
        maxBoxes: 2,
        classes: {
          standard: {
            cpus: 2,
            memoryMib: 512,
            pids: 256,
            diskMib: 128,
            price: { usdPerHour: 0.25, asOf: "2026-11-01" },
          },
        },
        ...change,
      }),
      { clock, stateDir, ...deps },
    );
  return {
    server,
    name,
    stateDir,
    make,
    docker: ask,
    async open(change) {
      const provider = make(change);
      await provider.open(AbortSignal.timeout(PREPARE_TIMEOUT_MS));
      return provider;
    },
    async exec(box, command) {
      if (box.address === undefined) throw new Error("no address");
      return ssh.exec(box.address, command, "", AbortSignal.timeout(EXEC_TIMEOUT_MS));
    },
    async stop() {
      ssh.close();
      const filter = `label=app.crabbox.provider=${name}`;
      const ids = (text: string | null) => (text ?? "").split("\n").filter((id) => id !== "");
      for (const id of ids(ask("ps", "-aq", "--filter", filter))) ask("rm", "-fv", id);
      for (const id of ids(ask("network", "ls", "-q", "--filter", filter))) ask("network", "rm", id);
      rmSync(stateDir, { recursive: true, force: true });
    },
  };
}
