import { nameOf, toLabels } from "./labels.ts";

import type Dockerode from "dockerode";
import type { CreateRequest } from "../provider.ts";
import type { BoxLimits, DockerSettings } from "./settings.ts";

/** The one user that can log in, as the image has it; high enough to be nobody on the machine itself. */
export const BOX_UID = 10_001;
export const BOX_USER = "box";
export const BOX_HOME = "/home/box";
export const SSH_PORT = 2_222;
/** boxd's root in that home. */
export const BOXD_ROOT = ".crabbox";

/** Keys, the expiry, a pid: kilobytes. */
const RUN_MIB = 4;
const SHM_MIB = 64;
/** When the machine runs out of memory, boxes go before its own services. */
const OOM_SCORE = 500;
const MIB = 2 ** 20;

export type ContainerSpec = {
  readonly settings: Pick<DockerSettings, "name" | "disk" | "runtime">;
  readonly request: Pick<CreateRequest, "labels">;
  readonly ref: string;
  readonly type: string;
  readonly limits: BoxLimits;
  readonly image: string;
  /** The App's public key, one line. */
  readonly publicKey: string;
  readonly nameservers: readonly string[];
  /** The machine's kernel has IPv6 at all. */
  readonly hasIpv6: boolean;
  readonly now: number;
};

/**
 * A box as the daemon is asked for it: root file system read-only, no capability, none to be gained, Docker's own
 * seccomp filter, limits on CPU, memory, processes and files, one network of its own, nothing of the machine mounted.
 */
export function containerOptions(spec: ContainerSpec): Dockerode.ContainerCreateOptions {
  const { settings, request, ref, type, limits, image, now } = spec;
  const memory = limits.memoryMib * MIB;
  const volumes = settings.disk === "memory" ? [] : [volume(settings.disk, limits)];
  return {
    name: nameOf(ref),
    Image: image,
    Hostname: BOX_USER,
    // Process 1 is root without capabilities: out of the reach of the box's user, who is all that can log in.
    User: "0:0",
    WorkingDir: "/",
    Env: [
      `CRABBOX_KEY=${spec.publicKey}`,
      `CRABBOX_EXPIRES_AT=${Math.ceil(request.labels.expiresAt / 1_000)}`,
    ],
    Labels: toLabels(settings.name, request, type, now),
    HostConfig: {
      NetworkMode: nameOf(ref),
      ReadonlyRootfs: true,
      CapDrop: ["ALL"],
      SecurityOpt: ["no-new-privileges:true"],
      Privileged: false,
      IpcMode: "private",
      Memory: memory,
      MemorySwap: memory,
      NanoCpus: Math.round(limits.cpus * 1e9),
      PidsLimit: limits.pids,
      OomScoreAdj: OOM_SCORE,
      ShmSize: SHM_MIB * MIB,
      // Lowered only: a process without capabilities may not raise what the daemon has.
      Ulimits: [{ Name: "core", Soft: 0, Hard: 0 }],
      Tmpfs: {
        "/run": `rw,nosuid,nodev,noexec,size=${RUN_MIB}m,mode=755`,
        "/tmp": `rw,nosuid,nodev,exec,size=${limits.diskMib}m,mode=1777`,
        ...(volumes.length === 0
          ? {
              [BOX_HOME]: `rw,nosuid,nodev,exec,size=${limits.diskMib}m,mode=700,uid=${BOX_UID},gid=${BOX_UID}`,
            }
          : {}),
      },
      Mounts: volumes,
      // IPv6 has no rules of ours: there is none.
      ...(spec.hasIpv6 ? { Sysctls: { "net.ipv6.conf.all.disable_ipv6": "1" } } : {}),
      ...(spec.nameservers.length === 0 ? {} : { Dns: [...spec.nameservers] }),
      ...(settings.runtime === undefined ? {} : { Runtime: settings.runtime }),
      // Its output would lie on the machine's disk, beside every limit.
      LogConfig: { Type: "none", Config: {} },
      RestartPolicy: { Name: "no" },
      AutoRemove: true,
    },
  };
}

/** Without a name: it goes with the container. */
function volume(disk: "quota" | "unlimited", { diskMib }: BoxLimits): Dockerode.MountSettings {
  const options = disk === "quota" ? { size: `${diskMib}m` } : {};
  return {
    Type: "volume",
    Source: "",
    Target: BOX_HOME,
    VolumeOptions: { NoCopy: false, Labels: {}, DriverConfig: { Name: "local", Options: options } },
  };
}
