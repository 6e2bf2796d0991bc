import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { ProviderError } from "../provider.ts";
import { isMissing } from "./daemon.ts";

import type Dockerode from "dockerode";
import type { Daemon } from "./daemon.ts";
import type { DockerSettings } from "./settings.ts";

const CONTEXT = fileURLToPath(new URL("../../runner-bootstrap/", import.meta.url));
const DOCKERFILE = "docker/Dockerfile";
/** All of the context: what the image is made of, and named after. */
const FILES = [
  DOCKERFILE,
  "docker/sshd_config",
  "docker/init.sh",
  "docker/serve.sh",
  "docker/probe.sh",
  "expire.sh",
] as const;
const TAG_CHARS = 12;
/** A pull of the base and a package installation over a slow line. */
const BUILD_TIMEOUT_MS = 20 * 60_000;
/** What a failed build said last is where the reason is. */
const BUILD_WORDS_CHARS = 400;

/** The image boxes are made of: the one named in the settings, else one whose tag follows from base and files. */
export function imageName({ image }: Pick<DockerSettings, "image">): string {
  if (image.ref !== undefined) return image.ref;
  const hash = createHash("sha256").update(image.base);
  for (const file of FILES) hash.update(`\0${file}\0`).update(readFileSync(`${CONTEXT}${file}`));
  return `crabbox-box:${hash.digest("hex").slice(0, TAG_CHARS)}`;
}

/** Makes sure that the image is there; builds our own when it is missing and may be built. Safe to repeat. */
export async function ensureImage(
  settings: Pick<DockerSettings, "name" | "image">,
  daemon: Daemon,
  signal: AbortSignal,
): Promise<string> {
  const name = imageName(settings);
  if (await hasImage(daemon, name, signal)) return name;
  const { ref, base, build } = settings.image;
  const byHand = `docker build -f ${CONTEXT}${DOCKERFILE} --build-arg BASE=${base} -t ${name} ${CONTEXT}`;
  if (ref !== undefined)
    throw unusable(
      settings,
      `The image ${ref} is not on this machine.`,
      `docker pull ${ref}, or leave \`image.ref\` out.`,
    );
  if (!build) throw unusable(settings, `The image ${name} is not on this machine.`, byHand);
  const failure = await daemon(
    `build ${name}`,
    async (docker) => {
      const stream = await docker.buildImage(
        { context: CONTEXT, src: [...FILES] },
        { t: name, dockerfile: DOCKERFILE, buildargs: { BASE: base }, forcerm: true },
      );
      return follow(docker, stream);
    },
    signal,
    BUILD_TIMEOUT_MS,
  );
  if (failure !== null || !(await hasImage(daemon, name, signal)))
    throw unusable(
      settings,
      `The image for boxes could not be made of ${base}: ${failure ?? "no reason"}`,
      `See it fail: ${byHand}`,
    );
  return name;
}

async function hasImage(daemon: Daemon, name: string, signal: AbortSignal): Promise<boolean> {
  try {
    await daemon("look for an image", (docker) => docker.getImage(name).inspect(), signal);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

/** Null when the build went through, else its error with the words before it. */
function follow(docker: Dockerode, stream: NodeJS.ReadableStream): Promise<string | null> {
  return new Promise((resolve, reject) => {
    let words = "";
    let failure: string | null = null;
    const onProgress = (event: { stream?: unknown; error?: unknown }) => {
      if (typeof event.stream === "string") words = `${words}${event.stream}`.slice(-BUILD_WORDS_CHARS);
      if (typeof event.error === "string") failure = `${event.error}; before: ${words.trim()}`;
    };
    const onFinished = (error: Error | null) => {
      if (failure !== null || error === null) resolve(failure);
      else reject(error);
    };
    docker.modem.followProgress(stream, onFinished, onProgress);
  });
}

function unusable(settings: Pick<DockerSettings, "name">, message: string, hint: string): ProviderError {
  return new ProviderError(settings.name, "unusable", message, hint);
}
