import { existsSync, readFileSync } from "node:fs";

/** What is looked at to learn whether the App's processes end with a container; null where it could not be read. */
export type ContainerFacts = {
  /** Docker's or Podman's marker file is there. A machine made from an image has it, too: no proof alone. */
  readonly marker: boolean;
  /** Name of process 2: `kthreadd` only where the machine's own kernel threads are seen. */
  readonly pid2: string | null;
  readonly pid1: string | null;
  /** `/proc/self/cgroup` and `/proc/1/cgroup`. */
  readonly selfCgroup: string | null;
  readonly initCgroup: string | null;
};

/** First processes that keep a machine (or a machine-like container) running whatever the App does. */
const MACHINE_INITS: ReadonlySet<string> = new Set([
  "systemd",
  "init",
  "openrc-init",
  "runit",
  "shepherd",
  "dinit",
  "finit",
]);

/** How container runtimes name their cgroups. */
const CONTAINER_CGROUP = /docker|libpod|containerd|kubepods|crio|\/lxc/;

/**
 * Why processes started here would die with a container, one clause for an error message; null when they would not.
 * A box must outlive the App, and nothing in a container outlives the container's stop.
 */
export function containerReason(facts: ContainerFacts): string | null {
  if (facts.pid2 === "kthreadd") {
    // The machine's own PID namespace: only a container that shares it (`--pid=host`) is one, and its cgroup says so.
    const inOwnCgroup = facts.initCgroup?.includes(":/..") === true;
    const named = facts.selfCgroup !== null && CONTAINER_CGROUP.test(facts.selfCgroup);
    return facts.marker && (inOwnCgroup || named)
      ? "the App runs in a container that shares the machine's processes"
      : null;
  }
  if (facts.marker)
    return "the App runs in a container (it has a container's marker file and processes of its own)";
  if (facts.pid1 === null) {
    const named = facts.selfCgroup !== null && CONTAINER_CGROUP.test(facts.selfCgroup);
    return named ? "the App's cgroup is a container's" : null;
  }
  if (MACHINE_INITS.has(facts.pid1)) return null;
  return `the App runs in a container (its process 1 is \`${facts.pid1}\`)`;
}

/** The facts of this machine, as far as this user may see them. */
export function readContainerFacts(): ContainerFacts {
  return {
    marker: existsSync("/.dockerenv") || existsSync("/run/.containerenv"),
    pid2: read("/proc/2/comm"),
    pid1: read("/proc/1/comm"),
    selfCgroup: read("/proc/self/cgroup"),
    initCgroup: read("/proc/1/cgroup"),
  };
}

function read(path: string): string | null {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    // Not there, or hidden from this user (hidepid): the rules above say what that means.
    return null;
  }
}
