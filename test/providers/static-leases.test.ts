import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { createSystemClock } from "../../app/clock.ts";
import { ProviderError } from "../../providers/provider.ts";
import { StaticSshSettings } from "../../providers/static-ssh/settings.ts";
import { canMakeUsers } from "../servers/plain-user.ts";
import { requestFor } from "./contract.ts";
import { staticStage } from "./static-stage.ts";

import type { ProviderBox } from "../../providers/provider.ts";
import type { StaticStage } from "./static-stage.ts";

const clock = createSystemClock();
const HOUR_MS = 3_600_000;
const signal = () => AbortSignal.timeout(60_000);
let stage: StaticStage;
const stages: StaticStage[] = [];

afterEach(async () => {
  for (const one of stages.splice(0)) await one.stop();
});

async function newStage(userCount = 1): Promise<StaticStage> {
  const made = await staticStage(userCount);
  stages.push(made);
  return made;
}

async function sh(box: ProviderBox, script: string): Promise<string> {
  if (box.address === undefined) throw new Error("no address");
  const result = await stage.exec.exec(box.address, script, "", signal());
  if (result.kind === "failed") throw new Error(result.message);
  return result.stdout.trim();
}

describe("slots of one host, kept apart by boxd's sandbox", () => {
  beforeEach(async () => {
    stage = await newStage();
  });
  const slotDir = (name: string) => join(stage.users[0]?.home ?? "", ".crabbox", "slots", name);

  test("two Apps that want the last slot at once: one has it, the other is told no_capacity", async () => {
    const [a, b] = [
      await stage.open({ name: "static-a" }, { slots: 1 }),
      await stage.open({ name: "static-b" }, { slots: 1 }),
    ];
    const answers = await Promise.allSettled([
      a.create(requestFor(a, { owner: "owner-a" }), signal()),
      b.create(requestFor(b, { owner: "owner-b" }), signal()),
    ]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
    const refused = answers.find((answer) => answer.status === "rejected");
    expect(refused?.reason).toMatchObject({ kind: "no_capacity" });
    const all = [...(await a.list("owner-a", signal())), ...(await a.list("owner-b", signal()))];
    expect(all).toHaveLength(1);
  });

  test("a lease past its expiry is taken over by another App, and its slot is wiped", async () => {
    const provider = await stage.open({}, { slots: 1 });
    const old = await provider.create(
      requestFor(provider, { owner: "owner-b", expiresAt: Date.now() - HOUR_MS }),
      signal(),
    );
    const root = join(slotDir("1"), "root");
    await sh(
      old,
      "mkdir -p .crabbox/slots/1/root/work && cd .crabbox/slots/1/root && echo secret > work/left && chmod 500 work && (setsid sleep 600 >/dev/null 2>&1 & echo started)",
    );
    expect(existsSync(join(root, "work", "left"))).toBe(true);
    const next = await provider.create(requestFor(provider), signal());
    expect(next.state).toBe("ready");
    expect(existsSync(root)).toBe(false);
    expect(await sh(next, "pgrep -u $(id -u) -r S,D,R,T -x sleep || echo none")).toBe("none");
    expect(await provider.describe(old.ref, signal())).toBeNull();
  });

  test("a lease that is not past its expiry is nobody else's to end", async () => {
    const provider = await stage.open({}, { slots: 1 });
    const foreign = await provider.create(requestFor(provider, { owner: "owner-b" }), signal());
    await expect(provider.create(requestFor(provider), signal())).rejects.toMatchObject({
      kind: "no_capacity",
    });
    expect((await provider.describe(foreign.ref, signal()))?.state).toBe("ready");
  });

  test("a closed slot is passed by and named, until a person clears it", async () => {
    const provider = await stage.open({}, { slots: 1 });
    const box = await provider.create(requestFor(provider), signal());
    await provider.destroy(box.ref, signal());
    writeFileSync(join(slotDir("1"), "closed"), "still running: worm (42)\n");
    const refused = provider.create(requestFor(provider), signal());
    await expect(refused).rejects.toMatchObject({ kind: "no_capacity" });
    await expect(refused).rejects.toThrow("closed: lab/1");
    rmSync(join(slotDir("1"), "closed"));
    expect((await provider.create(requestFor(provider), signal())).state).toBe("ready");
  });

  test("an App killed between claim and wiping gets the same slot, wiped", async () => {
    const provider = await stage.open();
    const request = requestFor(provider);
    const box = await provider.create(request, signal());
    rmSync(join(slotDir(box.ref.split(".")[1] ?? ""), "prepared"));
    expect((await provider.describe(box.ref, signal()))?.state).toBe("creating");
    expect(await (await stage.open()).create(request, signal())).toEqual(box);
  });

  test("the first key of a host is pinned, another one is refused", async () => {
    const provider = await stage.open();
    const box = await provider.create(requestFor(provider), signal());
    expect(box.address?.hostKey).toBe(stage.sshd.hostKey);
    await stage.sshd.changeHostKey();
    stage.exec.close();
    // The kept connection ends a moment later; until then it is the old, proven one.
    const changed = async () => {
      for (;;) {
        const error: unknown = await provider.describe(box.ref, signal()).then(
          () => null,
          (thrown: unknown) => thrown,
        );
        if (error instanceof ProviderError && error.kind === "auth") return error;
        await clock.sleep(50);
      }
    };
    expect((await changed()).message).toContain("not the pinned one");
  });
});

test("a host without anything between tasks serves one repository", async () => {
  stage = await newStage();
  const provider = await stage.open({ separation: "none" }, { slots: 1 });
  expect([provider.isolation, provider.capabilities.sandbox]).toEqual(["none", "none"]);
  const first = await provider.create(requestFor(provider), signal());
  await provider.destroy(first.ref, signal());
  const other = { ...requestFor(provider), repository: "octo/other" };
  await expect(provider.create(other, signal())).rejects.toMatchObject({ kind: "unusable" });
  const fork = requestFor(provider, { trustDomain: "42:fork:7" });
  await expect(provider.create(fork, signal())).rejects.toMatchObject({ kind: "unusable" });
  const head = requestFor(provider, { trustDomain: "42:trusted:head" });
  expect((await provider.create(head, signal())).state).toBe("ready");
});

test("a host that is down is passed by; all of them down is no promise either way", async () => {
  stage = await newStage();
  const host = { host: "127.0.0.1", user: stage.users[0]?.name ?? "", keyFile: stage.sshd.keyFile };
  const dead = { ...host, name: "dead", port: 1 };
  const alive = { ...host, name: "alive", port: stage.sshd.port };
  const provider = await stage.open({ hosts: [dead, alive] });
  expect((await provider.create(requestFor(provider), signal())).type).toBe("alive");
  await expect(provider.list("owner-a", signal())).rejects.toMatchObject({ kind: "unclear" });
  await expect(stage.open({ hosts: [dead] })).rejects.toMatchObject({ kind: "unclear" });
});

describe.skipIf(!canMakeUsers())("slots with a user each (needs root)", () => {
  test("are wiped of all their user had; a changed authorized_keys closes them", async () => {
    stage = await newStage(2);
    const [, slotUser] = stage.users;
    if (slotUser === undefined) throw new Error("no slot user");
    const provider = await stage.open({ separation: "users" }, { uids: [slotUser.name] });
    const box = await provider.create(requestFor(provider), signal());
    const planted = `/tmp/planted-${slotUser.name}`;
    await sh(
      box,
      `echo x > ${planted}; echo 'alias ls=evil' > .bashrc; mkdir -p .ssh .config; echo '# none' > .ssh/authorized_keys; (setsid sh -c 'trap "" TERM; while :; do sleep 1; done' >/dev/null 2>&1 & echo started)`,
    );
    const keys = join(slotUser.home, ".ssh", "authorized_keys");
    await expect(provider.destroy(box.ref, signal())).resolves.toBeUndefined();
    expect([
      existsSync(planted),
      existsSync(join(slotUser.home, ".bashrc")),
      existsSync(join(slotUser.home, ".config")),
    ]).toEqual([false, false, false]);
    expect(readFileSync(keys, "utf8")).toBe("# none\n");
    // What had no keys at its first lease must not have some now.
    await expect(provider.create(requestFor(provider), signal())).rejects.toMatchObject({
      kind: "no_capacity",
    });
    const closed = join(stage.users[0]?.home ?? "", ".crabbox", "slots", slotUser.name, "closed");
    expect(readFileSync(closed, "utf8")).toContain("authorized_keys");
  });
});

describe("settings that would mix up tasks are refused", () => {
  const host = { name: "lab", host: "h", user: "u", keyFile: "/k" };
  test.each([
    ["users without a list of them", { separation: "users", hosts: [host] }],
    ["a list of users that is not used", { separation: "bwrap", hosts: [{ ...host, uids: ["a"] }] }],
    ["the keeper of the leases as a slot", { separation: "users", hosts: [{ ...host, uids: ["u", "a"] }] }],
    ["the same user twice", { separation: "users", hosts: [{ ...host, uids: ["a", "a"] }] }],
    ["two tasks with nothing between", { separation: "none", hosts: [{ ...host, slots: 2 }] }],
    ["two hosts of one name", { separation: "bwrap", hosts: [host, host] }],
    [
      "a key that is no fingerprint",
      { separation: "bwrap", hosts: [{ ...host, hostKey: "ssh-ed25519 AAAA" }] },
    ],
  ])("%s", (_, change) => {
    expect(StaticSshSettings.safeParse({ kind: "static-ssh", ...change }).success).toBe(false);
  });
});
