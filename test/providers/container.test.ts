import { describe, expect, test } from "vitest";

import { containerReason, readContainerFacts } from "../../providers/local/container.ts";
import { scopeWrappers } from "../../providers/local/launch.ts";
import { refusalOf } from "../../providers/local/refusal.ts";

import type { ContainerFacts } from "../../providers/local/container.ts";

const machine: ContainerFacts = {
  marker: false,
  pid2: "kthreadd",
  pid1: "systemd",
  selfCgroup: "0::/user.slice/user-1000.slice/session-1.scope",
  initCgroup: "0::/init.scope",
};

describe("whether boxes would end with a container", () => {
  const stay: readonly [string, Partial<ContainerFacts>][] = [
    ["a machine", {}],
    [
      "a machine made from an image, its marker left behind",
      { marker: true, pid1: "init-program", selfCgroup: "0::/", initCgroup: "0::/" },
    ],
    ["a machine that hides processes from users", { pid2: null, pid1: null, selfCgroup: "0::/user.slice" }],
    ["a system container with an init of its own", { pid2: "systemd-journal", pid1: "systemd" }],
    ["a Linux guest that boots an init beside others", { pid2: null, pid1: "init" }],
  ];
  test.each(stay)("no: %s", (_, facts) => {
    expect(containerReason({ ...machine, ...facts })).toBeNull();
  });

  const go: readonly [string, Partial<ContainerFacts>][] = [
    ["Docker with the App as process 1", { marker: true, pid2: null, pid1: "node" }],
    ["Docker with a small init", { marker: true, pid2: "node", pid1: "docker-init" }],
    ["Docker running systemd", { marker: true, pid2: "systemd-journal", pid1: "systemd" }],
    ["a pod, which has no marker file", { pid2: null, pid1: "pause", selfCgroup: "0::/" }],
    [
      "Docker with the machine's processes",
      { marker: true, initCgroup: "0::/../../init.scope", selfCgroup: "0::/" },
    ],
    ["the same on cgroup1", { marker: true, selfCgroup: "4:memory:/docker/0123" }],
    ["a container that hides its processes", { pid2: null, pid1: null, selfCgroup: "0::/kubepods/burst/1" }],
  ];
  test.each(go)("yes: %s", (_, facts) => {
    expect(containerReason({ ...machine, ...facts })).toEqual(expect.any(String));
  });

  test("the facts of this machine can be read", () => {
    expect(readContainerFacts().pid1).not.toBe("");
  });
});

describe("the local provider is refused", () => {
  const fine = { platform: "linux", sandboxed: true, unsafe: false, containerReason: null };
  test("nowhere but where it must be", () => {
    expect(refusalOf(fine)).toBeNull();
    expect(refusalOf({ ...fine, sandboxed: false, unsafe: true })).toBeNull();
  });
  test.each([
    ["off Linux", { platform: "darwin" }, "Linux"],
    ["without bubblewrap unless unsafe", { sandboxed: false }, "bubblewrap"],
    ["in a container", { containerReason: "the App runs in a container" }, "container"],
  ])("%s, with what to do", (_, change, word) => {
    const refusal = refusalOf({ ...fine, ...change });
    expect(refusal?.message).toContain(word);
    expect(refusal?.hint).not.toBe("");
  });
});

describe("the host process is apart from the App's unit", () => {
  test("by a session of its own without systemd", () => {
    expect(scopeWrappers({ systemd: false, root: true, inService: false })).toEqual([[]]);
  });
  test("by a scope with systemd: the user's or the machine's, and nothing else inside a service", () => {
    const user = scopeWrappers({ systemd: true, root: false, inService: true });
    expect(user).toHaveLength(1);
    expect(user[0]).toEqual(expect.arrayContaining(["systemd-run", "--user", "--scope"]));
    const root = scopeWrappers({ systemd: true, root: true, inService: false });
    expect(root[0]).not.toContain("--user");
    expect(root[1]).toEqual([]);
  });
});
