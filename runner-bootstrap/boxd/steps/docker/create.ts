/** Making one container: its arguments, starting it, and what is known of it then. */

import { splitArguments } from "./arguments.ts";
import { endedHow, say } from "./cli.ts";
import type { Container } from "./docker.ts";
import { handEnv, withWatermark } from "./environment.ts";
import { mountArgument } from "./paths.ts";
import type { Mount } from "./paths.ts";
import { pullImage, registryOf } from "./registry.ts";
import type { Credentials } from "./registry.ts";
import { isEnding, jobLabels, nameFor, SERVICE_LABEL } from "./room.ts";
import type { MadeContainer, Room } from "./room.ts";

export type Wanted = {
  readonly container: Container;
  /** Its name in the network; null for the job's container. */
  readonly service: string | null;
  readonly network: string;
  readonly mounts: readonly Mount[];
  readonly workdir?: string;
  readonly github?: { readonly actor: string; readonly token: string };
};

const ID = /^[0-9a-f]{64}$/;
/** Ours: to unpack an image and to make ready its volumes may take a sound daemon minutes on a slow disk. */
const MAKE_TIMEOUT_MS = 15 * 60_000;
/** The runner shows a service's whole log; the end of a longer one is enough, and a daemon that hangs holds no job up. */
const LOG_LINES = 10_000;
const LOG_TIMEOUT_MS = 60_000;
const LAST_LOG_TIMEOUT_MS = 5_000;
/** Registries that take GitHub's own token (ContainerOperationProvider.cs, UpdateRegistryAuthForGitHubToken). */
const GITHUB_REGISTRIES: ReadonlySet<string> = new Set(["ghcr.io", "containers.pkg.github.com"]);

/** Pulls, creates and starts. What was created is in `room.made` even when it could not be started. */
export async function createContainer(
  room: Room,
  step: number,
  wanted: Wanted,
): Promise<MadeContainer | { readonly failed: string }> {
  const { host, cli } = room;
  const { container } = wanted;
  const who = wanted.service === null ? "the job's container" : `service ${wanted.service}`;
  if (container.volumes.some((volume) => volume.split(":")[0] === "/"))
    say(host, step, `Warning: ${who} mounts / of this machine.`);
  if (!room.made.images.has(container.image)) {
    const unpulled = await pullImage(room, step, container.image, credentialsOf(wanted));
    if (unpulled !== null) return { failed: `${who}: ${unpulled}` };
    room.made.images.set(container.image, container.image);
  }
  const env = handEnv(host, withWatermark(container.env));
  try {
    const args = createArguments(room, wanted, env.args);
    say(host, step, `docker ${args.join(" ")}`);
    const created = await cli.ask(step, args, {
      env: env.clientEnv,
      timeoutMs: MAKE_TIMEOUT_MS,
      ...room.cancel,
    });
    if ("failed" in created) return { failed: `${who}: ${created.failed}` };
    const id = created.text.split("\n").findLast((line) => ID.test(line));
    if (id === undefined) return { failed: `${who}: docker create named no container` };
    const made: MadeContainer = { id, service: wanted.service, wasShown: false };
    room.made.containers.push(made);
    if (!(await isMarked(room, step, made.id, container)))
      return { failed: `${who}: its options take away the label by which it is removed with its task` };
    const started = await cli.ask(step, ["start", id], { timeoutMs: MAKE_TIMEOUT_MS, ...room.cancel });
    return "failed" in started ? { failed: `${who}: ${started.failed}` } : made;
  } finally {
    env.done();
  }
}

/** The end of what a container said, into the step's log; within less time where the job is being ended. */
export async function showLog(room: Room, step: number, made: MadeContainer): Promise<void> {
  made.wasShown = true;
  const args = ["logs", "--details", `--tail=${LOG_LINES}`, made.id];
  const end = await room.cli.show(step, args, {
    timeoutMs: isEnding(room) ? LAST_LOG_TIMEOUT_MS : LOG_TIMEOUT_MS,
  });
  if (end.code !== 0) say(room.host, step, `docker logs ${endedHow(end)}`);
}

/** As in actions/runner DockerCommandManager.cs, DockerCreate; the labels twice, because `options` may name others. */
function createArguments(room: Room, wanted: Wanted, env: readonly string[]): readonly string[] {
  const { container, service } = wanted;
  const isJob = service === null;
  const labels = [...jobLabels(room), ...(isJob ? [] : [`--label=${SERVICE_LABEL}=${service}`])];
  const entrypoint = isJob ? "tail" : container.entrypoint;
  return [
    "create",
    `--name=${nameFor(room, service ?? "job")}`,
    ...labels,
    ...(wanted.workdir === undefined ? [] : [`--workdir=${wanted.workdir}`]),
    `--network=${wanted.network}`,
    ...(isJob ? [] : [`--network-alias=${service}`]),
    ...container.ports.map((port) => `--publish=${port}`),
    ...splitArguments(container.options ?? ""),
    ...env,
    ...wanted.mounts.map(mountArgument),
    ...container.volumes.map((volume) => `--volume=${volume}`),
    ...(entrypoint === undefined || entrypoint === "" ? [] : [`--entrypoint=${entrypoint}`]),
    ...labels,
    container.image,
    ...(isJob ? ["-f", "/dev/null"] : splitArguments(container.command ?? "")),
  ];
}

/** Options may hold anything, a label of the same name and an image behind it too: then ours are words of its command. */
async function isMarked(
  { host, cli, cancel }: Room,
  step: number,
  id: string,
  { options = "" }: Container,
): Promise<boolean> {
  if (host.containers === undefined || options === "") return true;
  const filters = [`--filter=id=${id}`, `--filter=label=${host.containers.label}`];
  const args = ["ps", "--all", "--quiet", "--no-trunc", ...filters];
  const found = await cli.ask(step, args, { isQuiet: true, ...cancel });
  // The client may have warned of something beside it.
  return "failed" in found || found.text.split("\n").some((line) => line.trim() === id);
}

function credentialsOf(wanted: Wanted): Credentials | undefined {
  const { username = "", password = "" } = wanted.container.credentials ?? {};
  if (username !== "" && password !== "") return { username, password };
  const { actor = "", token = "" } = wanted.github ?? {};
  const takesToken = registryOf(wanted.container.image).some((registry) =>
    GITHUB_REGISTRIES.has(registry.toLowerCase()),
  );
  const isUnnamed = username === "" && password === "";
  return takesToken && isUnnamed && token !== "" ? { username: actor, password: token } : undefined;
}
