/** Images of Docker actions. */

import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";

import { endedHow } from "./cli.ts";
import type { ActionImage, PreparedImage } from "./docker.ts";
import { pullImage } from "./registry.ts";
import { grouped, jobLabels, workspaceMark } from "./room.ts";
import type { Room } from "./room.ts";

/** Of a hash: two actions do not meet. */
const TAG_CHARS = 32;
/** Ours, beside the step's own time: a build that hangs is given up at last. */
const BUILD_TIMEOUT_MS = 2 * 60 * 60_000;
const DOCKER_SCHEME = /^docker:\/\//i;

/**
 * As actions/runner ActionManager.cs and ContainerActionHandler.cs: the context of a build is the Dockerfile's own directory. An
 * action of the workspace is built each time, because steps change it; docker's cache makes that cheap.
 */
export async function prepareImage(room: Room, step: number, wanted: ActionImage): Promise<PreparedImage> {
  const { image, directory } = wanted;
  if (DOCKER_SCHEME.test(image)) return pulled(room, step, image.replace(DOCKER_SCHEME, ""));
  const isDockerfile = /^Dockerfile\.|Dockerfile$/i.test(basename(image));
  if (directory === undefined || !isDockerfile)
    return { failed: `not an image of a Docker action: ${image}; it is docker://IMAGE or a Dockerfile` };
  const file = join(directory, image);
  if (!existsSync(file)) return { failed: `the action has no file ${image}` };
  const isCarried = file.startsWith(`${room.host.places.actions}/`);
  const before = isCarried ? room.made.images.get(file) : undefined;
  return before === undefined ? built(room, step, file) : { image: before };
}

async function pulled(room: Room, step: number, image: string): Promise<PreparedImage> {
  if (room.made.images.has(image)) return { image };
  const failed = await grouped(room.host, step, `Pulling ${image}`, () => pullImage(room, step, image));
  if (failed !== null) return { failed };
  room.made.images.set(image, image);
  return { image };
}

async function built(room: Room, step: number, file: string): Promise<PreparedImage> {
  const hash = createHash("sha256")
    .update(`${workspaceMark(room.host)}\n${room.key}\n${file}`)
    .digest("hex")
    .slice(0, TAG_CHARS);
  const tag = `crabbox-action:${hash}`;
  const labels = jobLabels(room);
  const args = ["build", "--force-rm", `--tag=${tag}`, `--file=${file}`, ...labels, dirname(file)];
  const end = await grouped(room.host, step, "Building the image of the action", () =>
    room.cli.show(step, args, { timeoutMs: BUILD_TIMEOUT_MS, ...room.cancel }),
  );
  if (end.code !== 0) return { failed: `docker build of the action's image ${endedHow(end)}` };
  room.made.images.set(file, tag);
  return { image: tag };
}
