import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { ProviderError } from "../../providers/provider.ts";
import { dockerMissing } from "../servers/docker.ts";
import { startOwnDocker } from "../servers/own-docker.ts";
import { requestFor } from "./contract.ts";
import { dockerStage, PREPARE_TIMEOUT_MS, prepareDocker } from "./docker-stage.ts";

import type { OwnDocker } from "../servers/own-docker.ts";
import type { DockerStage } from "./docker-stage.ts";

const signal = () => AbortSignal.timeout(120_000);
const TEST_TIMEOUT_MS = 5 * 60_000;
/** Two copies of a box's image, and a box. */
const DISK_BYTES = 4 * 2 ** 30;

const has = (command: string) => spawnSync("sh", ["-c", `command -v ${command}`]).status === 0;
const RUNSC = dockerMissing() ?? (has("runsc") ? null : "needs runsc (gVisor)");
const XFS = dockerMissing() ?? (has("mkfs.xfs") ? null : "needs xfsprogs, and an xfs that can be mounted");

/** The shared daemon's image of boxes. */
function imageOf(stage: DockerStage): string {
  const format = ["--format", "{{.Repository}}:{{.Tag}}"];
  return (stage.docker("images", "crabbox-box", ...format) ?? "").split("\n")[0] ?? "";
}

describe.skipIf(RUNSC !== null)(`a docker box with \`runtime: runsc\` (${RUNSC ?? "a real gVisor"})`, () => {
  let stage: DockerStage;
  let own: OwnDocker;
  beforeAll(async () => {
    await prepareDocker();
    stage = await dockerStage();
    const runtime = execFileSync("sh", ["-c", "command -v runsc"], { encoding: "utf8" }).trim();
    own = await startOwnDocker(imageOf(stage), stage.server.socketPath, {
      args: [`--add-runtime=runsc=${runtime}`],
    });
  }, PREPARE_TIMEOUT_MS);
  afterAll(async () => {
    try {
      await own?.stop();
    } finally {
      await stage?.stop();
    }
  }, TEST_TIMEOUT_MS);

  test(
    "runs on gVisor's kernel, not the machine's, and is a box like any other",
    { timeout: TEST_TIMEOUT_MS },
    async ({ skip }) => {
      const image = { ref: imageOf(stage) };
      const why = whyNoGvisor(own, image.ref);
      if (why !== null) return skip(`this runsc starts nothing on this kernel: ${why}`);
      const provider = stage.make({ socketPath: own.socketPath, image, runtime: "runsc" });
      await provider.open(signal());
      expect(provider.isolation).toBe("container");
      const box = await provider.create(requestFor(provider), signal());
      const said = await stage.exec(box, "dmesg | head -n 1; uname -r; id -un; node --version");
      expect(said).toMatchObject({ kind: "done", code: 0 });
      const lines = said.kind === "done" ? said.stdout.trim().split("\n") : [];
      expect(lines[0]).toContain("gVisor");
      expect(lines[1]).not.toBe(execFileSync("uname", ["-r"], { encoding: "utf8" }).trim());
      expect(lines.slice(2)).toEqual(["box", expect.stringMatching(/^v\d+/u)]);
      await provider.destroy(box.ref, signal());
      expect(own.docker("ps", "-aq")).toBe("");
    },
  );
});

describe.skipIf(dockerMissing() !== null)(
  `the disk of a docker box (${dockerMissing() ?? "a real daemon"})`,
  () => {
    let stage: DockerStage;
    beforeEach(async () => {
      await prepareDocker();
      stage = await dockerStage();
    }, PREPARE_TIMEOUT_MS);
    afterEach(() => stage.stop());

    test("a quota that the daemon's disk cannot keep is refused at the start, with the cure", async () => {
      const failure = await stage.open({ disk: "quota" }).catch((error: unknown) => error);
      if (!(failure instanceof ProviderError)) throw new Error(`not refused: ${String(failure)}`);
      expect(failure.kind).toBe("unusable");
      expect(failure.hint).toContain("pquota");
      expect(stage.docker("ps", "-aq", "--filter", `label=app.crabbox.provider=${stage.name}`)).toBe("");
    });

    test("no limit at all is an operator's to know; the others have nothing to tell", () => {
      expect(stage.make({ disk: "unlimited" }).caveats?.[0]?.message).toContain(
        "can fill the machine's disk",
      );
      expect(stage.make({ disk: "memory" }).caveats).toEqual([]);
    });

    test.skipIf(XFS !== null)(
      `a quota is enforced on xfs with pquota (${XFS ?? "a disk of its own"})`,
      { timeout: TEST_TIMEOUT_MS },
      async ({ skip }) => {
        const disk = mountXfs();
        if (disk === null) return skip("xfs with pquota cannot be mounted here");
        const own = await startOwnDocker(imageOf(stage), stage.server.socketPath, { dataRoot: disk.dir });
        try {
          const image = { ref: imageOf(stage) };
          const provider = stage.make({ socketPath: own.socketPath, image, disk: "quota" });
          await provider.open(signal());
          const box = await provider.create(requestFor(provider), signal());
          const said = await stage.exec(box, "head -c 400M /dev/zero >~/big; stat -c %s ~/big");
          expect(said).toMatchObject({ kind: "done", stderr: expect.stringMatching(/no space|quota/iu) });
          const size = said.kind === "done" ? Number(said.stdout) : Number.NaN;
          expect(size).toBeGreaterThan(100 * 2 ** 20);
          expect(size).toBeLessThanOrEqual(128 * 2 ** 20);
          await provider.destroy(box.ref, signal());
          expect(own.docker("volume", "ls", "-q")).toBe("");
        } finally {
          await own.stop();
          disk.unmount();
        }
      },
    );
  },
);

/** What a container with a network of its own comes to, without any code of ours; null when it runs. */
function whyNoGvisor(own: OwnDocker, image: string): string | null {
  own.docker("network", "create", "probe");
  const args = ["run", "--rm", "--runtime=runsc", "--network=probe", "--entrypoint=true", image];
  const ran = spawnSync("docker", ["-H", `unix://${own.socketPath}`, ...args], { encoding: "utf8" });
  own.docker("network", "rm", "probe");
  return ran.status === 0 ? null : ran.stderr.trim();
}

function mountXfs(): { readonly dir: string; unmount(): void } | null {
  const dir = mkdtempSync(join(tmpdir(), "cbx-xfs-"));
  const [file, place] = [join(dir, "disk"), join(dir, "mounted")];
  mkdirSync(place);
  const script = 'truncate -s "$1" "$2" && mkfs.xfs -q "$2" && mount -o loop,pquota "$2" "$3"';
  const mounted = spawnSync("sh", ["-c", script, "sh", String(DISK_BYTES), file, place]);
  const unmount = () => {
    spawnSync("umount", ["-l", place]);
    rmSync(dir, { recursive: true, force: true });
  };
  if (mounted.status === 0) return { dir: place, unmount };
  unmount();
  return null;
}
