import { randomBytes } from "node:crypto";
import { spawnSync } from "node:child_process";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { ProviderError } from "../../providers/provider.ts";
import { dockerMissing } from "../servers/docker.ts";
import { until } from "../servers/until.ts";
import { requestFor } from "./contract.ts";
import { dockerStage, PREPARE_TIMEOUT_MS, prepareDocker } from "./docker-stage.ts";

import type { ProviderBox } from "../../providers/provider.ts";
import type { DockerStage } from "./docker-stage.ts";

const signal = () => AbortSignal.timeout(60_000);

describe.skipIf(dockerMissing() !== null)(`a docker box (${dockerMissing() ?? "a real daemon"})`, () => {
  let stage: DockerStage;
  beforeAll(prepareDocker, PREPARE_TIMEOUT_MS);
  beforeEach(async () => {
    stage = await dockerStage();
  });
  afterEach(() => stage.stop());

  const said = async (box: ProviderBox, command: string) => {
    const result = await stage.exec(box, command);
    return result.kind === "done" ? result.stdout.trim() : result.message;
  };
  const failureOf = async (work: Promise<unknown>): Promise<ProviderError> => {
    const failure = await work.then(
      () => null,
      (error: unknown) => error,
    );
    if (!(failure instanceof ProviderError)) throw new Error(`no ProviderError: ${String(failure)}`);
    expect(failure.hint).not.toBe("");
    return failure;
  };

  test("is of isolation container, without capabilities, its limits set, its labels whole", async () => {
    const provider = await stage.open();
    expect(provider.isolation).toBe("container");
    const request = requestFor(provider);
    const box = await provider.create(request, signal());
    const inspected = JSON.parse(stage.docker("inspect", `crabbox-${box.ref}`) ?? "[]") as [
      { HostConfig: Record<string, unknown>; Config: { Labels: Record<string, string> } },
    ];
    expect(inspected[0].HostConfig).toMatchObject({
      ReadonlyRootfs: true,
      CapDrop: ["ALL"],
      Privileged: false,
      Memory: 512 * 2 ** 20,
      MemorySwap: 512 * 2 ** 20,
      NanoCpus: 2e9,
      PidsLimit: 256,
      Binds: null,
    });
    expect(inspected[0].Config.Labels).toMatchObject({
      "app.crabbox.owner": request.labels.owner,
      "app.crabbox.lease": request.labels.leaseId,
      "app.crabbox.trust-domain": request.labels.trustDomain,
      "app.crabbox.expires": String(request.labels.expiresAt),
    });
    const status = await said(box, "grep -hE '^(CapEff|CapBnd|NoNewPrivs|Seccomp):' /proc/self/status");
    expect(status.replaceAll(/\s+/g, " ")).toBe(
      "CapEff: 0000000000000000 CapBnd: 0000000000000000 NoNewPrivs: 1 Seccomp: 2",
    );
    expect(await said(box, "df -m --output=size /home/box /tmp | tail -n 2 | tr -d ' '")).toBe("128\n128");
  });

  test("has a host key of its own, which is the one that is pinned", async () => {
    const provider = await stage.open();
    const boxes = [
      await provider.create(requestFor(provider), signal()),
      await provider.create(requestFor(provider), signal()),
    ];
    const keys = await Promise.all(
      boxes.map((box) => said(box, "ssh-keygen -lf /run/crabbox/host_key.pub | cut -d ' ' -f 2")),
    );
    expect(boxes.map(({ address }) => address?.hostKey)).toEqual(keys);
    expect(new Set(keys).size).toBe(2);
  });

  test("ends by itself when its lease is over and nobody comes, and its network is cleared away", async () => {
    const provider = await stage.open();
    const box = await provider.create(requestFor(provider), signal());
    await provider.extend(box.ref, Date.now() - 5_000, signal());
    // The switch looks once a minute; its sleep is ended here instead of waited for.
    stage.docker("exec", "-u", "0", `crabbox-${box.ref}`, "pkill", "sleep");
    await until(async () => (await provider.describe(box.ref, signal())) === null, "the end of the box");
    expect(await provider.list("owner-a", signal())).toEqual([]);
    await provider.destroy(box.ref, signal());
    expect(stage.docker("network", "ls", "-q", "--filter", `name=crabbox-${box.ref}`)).toBe("");
  });

  test("keeps its walls after somebody flushed the firewall: the reconciler's list puts them up again", async () => {
    const provider = await stage.open();
    const jumps = () =>
      spawnSync("iptables", ["-S", "INPUT"], { encoding: "utf8" })
        .stdout.split("\n")
        .filter((line) => line.includes("CRABBOX-"));
    const before = jumps();
    for (const jump of before) spawnSync("iptables", ["-D", ...jump.split(" ").slice(1)]);
    await provider.list("owner-a", signal());
    expect(jumps().length).toBeGreaterThan(0);
    expect(before).toEqual(expect.arrayContaining(jumps()));
  });

  test("where no rules can be written it is refused, or accepted as no more than isolation user", async () => {
    // A policy that no other test has: rules of the same one would hold here, too.
    const reach = [`192.0.2.77:${1 + Math.floor(Math.random() * 60_000)}`];
    const firewall = async () => ({ kind: "none", why: "not permitted" }) as const;
    const refused = stage.make({ reach }, { firewall });
    const failure = await failureOf(refused.open(signal()));
    expect(failure).toMatchObject({ kind: "unusable" });
    expect(failure.message).toContain("not permitted");
    expect(refused.isolation).toBe("none");
    const accepted = stage.make({ reach, hostAccess: "accept" }, { firewall });
    await accepted.open(signal());
    expect(accepted.isolation).toBe("user");
    expect(stage.docker("ps", "-aq", "--filter", `label=app.crabbox.provider=${stage.name}`)).toBe("");
  });

  test("without egress reaches nothing at all, not even a name server", async () => {
    const provider = await stage.open({ egress: "none" });
    const box = await provider.create(requestFor(provider), signal());
    expect(
      await said(box, "ip route 2>/dev/null | grep default; curl -sm 2 http://1.1.1.1/ || echo none"),
    ).toBe("none");
  });

  test("a container of that name which is not ours is never touched", async () => {
    const provider = await stage.open();
    const request = requestFor(provider);
    const name = `crabbox-${request.idempotencyId}`;
    const image = (stage.docker("images", "-q", "crabbox-box") ?? "").split("\n")[0] ?? "";
    stage.docker("create", "--name", name, image);
    try {
      expect(await provider.describe(request.idempotencyId, signal())).toBeNull();
      await provider.destroy(request.idempotencyId, signal());
      expect(stage.docker("inspect", "-f", "{{.State.Status}}", name)?.trim()).toBe("created");
    } finally {
      stage.docker("rm", name);
    }
  });

  test("an image that is missing is told with how to get it", async () => {
    const named = stage.make({ image: { ref: "crabbox-test/none:1" } });
    expect(await failureOf(named.open(signal()))).toMatchObject({ kind: "unusable" });
    const unbuilt = stage.make({ image: { base: `none-${randomBytes(4).toString("hex")}`, build: false } });
    expect((await failureOf(unbuilt.open(signal()))).hint).toContain("docker build");
  });

  test("a daemon that is gone is unclear, one that has no such runtime unusable", async () => {
    const provider = stage.make({ socketPath: "/nowhere/docker.sock" });
    expect(await failureOf(provider.open(signal()))).toMatchObject({ kind: "unclear" });
    expect(await failureOf(provider.list("owner-a", signal()))).toMatchObject({ kind: "unclear" });
    expect(provider.isolation).toBe("none");
    const other = stage.make({ runtime: "no-such-runtime" });
    expect(await failureOf(other.open(signal()))).toMatchObject({ kind: "unusable" });
  });
});
