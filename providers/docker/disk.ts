import { ProviderError } from "../provider.ts";
import { statusOf } from "./daemon.ts";

import type { Provider } from "../provider.ts";
import type { DockerSettings } from "./settings.ts";

/** What the settings leave open: `disk: unlimited` is the one limit of a box that nothing enforces. */
export function caveatsOf({
  name,
  disk,
}: Pick<DockerSettings, "name" | "disk">): NonNullable<Provider["caveats"]> {
  if (disk !== "unlimited") return [];
  const message = `Boxes of ${name} have no limit on their home's disk space: each can fill the machine's disk.`;
  return [
    { message, hint: "Set `disk: memory`, or `disk: quota` where Docker's data lies on xfs with pquota." },
  ];
}

/** The failure of a first box: with `disk: quota` a daemon that will not make it most likely has no quotas. */
export function withoutQuota({ name, disk }: Pick<DockerSettings, "name" | "disk">, error: unknown): unknown {
  if (disk !== "quota" || statusOf(error) === null) return error;
  const said = error instanceof Error ? error.message : "";
  const hint =
    "`disk: quota` needs Docker's data on xfs mounted with pquota; `disk: memory` is limited, too.";
  return new ProviderError(name, "unusable", said, hint, error);
}
