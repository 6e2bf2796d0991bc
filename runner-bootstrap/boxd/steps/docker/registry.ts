/** Images from registries: which one, logging in and out, pulling. */

import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import type { EngineHost, ProgramEnd } from "../host.ts";
import { endedHow, say } from "./cli.ts";
import type { DockerCli } from "./cli.ts";

export type Credentials = { readonly username: string; readonly password: string };

export type PullDeps = {
  readonly host: EngineHost;
  readonly cli: DockerCli;
  /** Ends the pull; none for a step that runs although the job is cancelled. */
  readonly cancel: { readonly signal?: AbortSignal };
};

/** Tries of a log-in and of a pull, as in actions/runner ContainerOperationProvider.cs. */
const TRIES = 3;
/** Wait before the next try; the runner waits for 1 to 10 s by chance. */
const BACKOFF_MS = 2_000;
/** Ours: a registry that hangs, or a daemon, is given up at last. 10 GB take 15 minutes at 100 Mbit/s. */
const PULL_TIMEOUT_MS = 60 * 60_000;
const LOGIN_TIMEOUT_MS = 2 * 60_000;
/** The password comes by the environment and a pipe: never in arguments, never in a file of ours. */
const LOGIN_SCRIPT =
  'password=$CRABBOX_REGISTRY_PASSWORD; unset CRABBOX_REGISTRY_PASSWORD; printf %s "$password" | "$@"';
/** No option, no space: what docker can only take for an image. */
const IMAGE = /^[A-Za-z0-9][^\s]{0,1000}$/;

/** Pulls; null when the image is there to be used, else why not. An image that cannot be pulled but is there is used. */
export async function pullImage(
  deps: PullDeps,
  step: number,
  image: string,
  credentials?: Credentials,
): Promise<string | null> {
  if (!IMAGE.test(image)) return `not the name of an image: ${JSON.stringify(image.slice(0, 200))}`;
  if (credentials === undefined) return pullAs(deps, step, image, []);
  deps.host.mask(credentials.password);
  mkdirSync(deps.host.places.files, { recursive: true });
  const directory = mkdtempSync(join(deps.host.places.files, "docker-login-"));
  const config = `--config=${directory}`;
  const registry = registryOf(image);
  try {
    const end = await repeated(deps, step, "docker login", () =>
      deps.cli.show(
        step,
        [config, "login", `--username=${credentials.username}`, "--password-stdin", ...registry],
        {
          script: LOGIN_SCRIPT,
          env: { CRABBOX_REGISTRY_PASSWORD: credentials.password },
          timeoutMs: LOGIN_TIMEOUT_MS,
          ...deps.cancel,
        },
      ),
    );
    if (end.code !== 0) return `docker login to ${registry[0] ?? "Docker Hub"} ${endedHow(end)}`;
    return await pullAs(deps, step, image, [config]);
  } finally {
    // A client that found a credential store on the machine has put the password there.
    await deps.cli.ask(step, [config, "logout", ...registry], { isQuiet: true });
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Where an image comes from; none means Docker Hub. As in actions/runner DockerUtil.cs, ParseRegistryHostnameFromImageName. */
export function registryOf(image: string): readonly string[] {
  const [first = "", ...rest] = image.split("/");
  return rest.length > 1 || (rest.length === 1 && /[.:]/.test(first)) ? [first] : [];
}

async function pullAs(
  deps: PullDeps,
  step: number,
  image: string,
  config: readonly string[],
): Promise<string | null> {
  const inspect = ["image", "inspect", "--format={{.Id}}", image];
  const isThere = async () =>
    "text" in (await deps.cli.ask(step, inspect, { isQuiet: true, ...deps.cancel }));
  // A digest names the same image for ever.
  if (image.includes("@sha256:") && (await isThere())) return null;
  const how = { timeoutMs: PULL_TIMEOUT_MS, ...deps.cancel };
  const pull = () => deps.cli.show(step, [...config, "pull", image], how);
  const first = await pull();
  if (first.code === 0) return null;
  if (await isThere()) {
    say(deps.host, step, `${image} could not be pulled; the one on this machine is used.`);
    return null;
  }
  const end = await repeated(deps, step, "docker pull", pull, first);
  return end.code === 0 ? null : `docker pull ${image} ${endedHow(end)}`;
}

async function repeated(
  deps: PullDeps,
  step: number,
  what: string,
  work: () => Promise<ProgramEnd>,
  before?: ProgramEnd,
): Promise<ProgramEnd> {
  let end = before ?? (await work());
  // Whoever let all its time go by is not waited for as long again.
  const isWorthIt = () => end.code !== 0 && end.timedOut !== true && deps.cancel.signal?.aborted !== true;
  for (let tried = 1; isWorthIt() && tried < TRIES; tried += 1) {
    say(deps.host, step, `${what} ${endedHow(end)}; the next try is in ${BACKOFF_MS / 1_000} s.`);
    // Cancelled meanwhile: the loop sees it.
    await sleep(BACKOFF_MS, undefined, deps.cancel).catch(() => null);
    end = await work();
  }
  return end;
}
