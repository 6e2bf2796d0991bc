/** Removing what was made for a job, and what a job before it left in the same workspace. */

import { statSync } from "node:fs";

import { say } from "./cli.ts";
import { showLog } from "./create.ts";
import { listed } from "./inspect.ts";
import { jobMounts, mountArgument } from "./paths.ts";
import { jobFilters, jobLabels, workspaceFilters } from "./room.ts";
import type { Room } from "./room.ts";

const GIVE_BACK_TIMEOUT_MS = 5 * 60_000;

/** Logs of the services that were not shown yet, then everything with the job's label. Never rejects; safe to repeat. */
export async function removeAll(room: Room, step: number): Promise<void> {
  for (const made of room.made.containers.filter(({ service, wasShown }) => service !== null && !wasShown)) {
    say(room.host, step, `Log of service ${made.service}:`);
    await showLog(room, step, made);
  }
  await giveBack(room, step);
  const ids = room.made.containers.map(({ id }) => id);
  await removeLabelled(room, step, jobFilters(room), ids);
  room.made.containers.length = 0;
  room.made.network = null;
  room.made.images.clear();
}

/** The job's container and the images that were built; services are nobody's of this job's any more. Safe to repeat. */
export async function removeAllButServices(room: Room, step: number): Promise<void> {
  await giveBack(room, step);
  const ids = room.made.containers.filter(({ service }) => service === null).map(({ id }) => id);
  if (ids.length > 0) await room.cli.ask(step, ["rm", "--force", "--volumes", ...ids]);
  const images = await listed(room, step, ["image", "ls", "--quiet", "--no-trunc", ...jobFilters(room)]);
  if (images.length > 0) await room.cli.ask(step, ["image", "rm", "--force", ...new Set(images)]);
  room.made.containers.length = 0;
  room.made.network = null;
  room.made.images.clear();
}

/** What an engine that was killed could not remove. */
export async function removeLeftBehind(room: Room, step: number): Promise<void> {
  await removeLabelled(room, step, workspaceFilters(room), []);
}

/** Containers, networks and images that answer to the filters; `ids` are containers that are known. */
export async function removeLabelled(
  room: Pick<Room, "cli" | "cancel">,
  step: number,
  filters: readonly string[],
  ids: readonly string[],
): Promise<void> {
  const find = (what: readonly string[]) =>
    listed(room, step, [...what, "--quiet", "--no-trunc", ...filters]);
  const [labelled, networks, images] = await Promise.all([
    find(["ps", "--all"]),
    find(["network", "ls"]),
    find(["image", "ls"]),
  ]);
  const containers = [...new Set([...ids, ...labelled])];
  if (containers.length > 0) await room.cli.ask(step, ["rm", "--force", "--volumes", ...containers]);
  for (const network of networks) {
    await letGo(room, step, network);
    await room.cli.ask(step, ["network", "rm", network]);
  }
  if (images.length > 0) await room.cli.ask(step, ["image", "rm", "--force", ...new Set(images)]);
}

/** A container that a step itself put into the network would keep it. */
async function letGo(room: Pick<Room, "cli" | "cancel">, step: number, network: string): Promise<void> {
  const format = "--format={{range $id, $container := .Containers}}{{println $id}}{{end}}";
  for (const id of await listed(room, step, ["network", "inspect", format, network]))
    await room.cli.ask(step, ["network", "disconnect", "--force", network, id]);
}

/** Root in a container leaves files that the workspace's owner could not remove: they become the owner's. */
async function giveBack(room: Room, step: number): Promise<void> {
  const { host, made } = room;
  const { uid, gid } = statSync(host.places.workspace, { throwIfNoEntry: false }) ?? { uid: 0, gid: 0 };
  if (uid === 0 || made.writer === null) return;
  const { workspace, temp, toolCache, files } = host.places;
  const given = new Set([workspace, temp, toolCache, files]);
  const mounts = jobMounts(host, "").filter((mount) => given.has(mount.host));
  const args = ["run", "--rm", "--user=0", "--network=none", "--entrypoint=chown", ...jobLabels(room)];
  const owner = [made.writer, "-hR", `${uid}:${gid}`, ...mounts.map(({ inside }) => inside)];
  made.writer = null;
  const how = { timeoutMs: GIVE_BACK_TIMEOUT_MS };
  const ended = await room.cli.ask(step, [...args, ...mounts.map(mountArgument), ...owner], how);
  if ("failed" in ended) say(host, step, "Files that containers made may still be root's.");
}
