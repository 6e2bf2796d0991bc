/**
 * Docker for one job: its containers (`container:`, `services:`) and Docker actions, over the docker CLI. The engine speaks in
 * paths of the host everywhere (environment, working directories); they are translated here, at the border to a container.
 */

import type { EngineHost, Program, ProgramEnd } from "../host.ts";
import type { YamlMap } from "../plan.ts";

export type Docker = {
  /**
   * "Initialize containers": what an earlier job left in this workspace is removed; network, job container and services are
   * started, services are waited for until healthy. Call it once, and only when the job has a container or services.
   * When it failed, `end` still has to be called. Without `signal` it is ended by `EngineHost.cancelled`, unless that was aborted before.
   */
  start(step: number, containers: JobContainers, signal?: AbortSignal): Promise<Started>;
  /** Pulls or builds the image of a Docker action; one that was carried to the box is built once a job. Ends as `start` does. */
  prepare(step: number, image: ActionImage, signal?: AbortSignal): Promise<PreparedImage>;
  /** Runs a Docker action's container (pre, main or post) to its end, with the mounts and paths that GitHub gives it. */
  run(action: ContainerRun): Promise<ProgramEnd>;
  /**
   * This machine's address as containers reach it (the gateway of the default bridge): where the cache and artifact services have
   * to listen in a job with containers. Null without Docker, and where it has no such bridge.
   */
  address(step: number): Promise<string | null>;
  /**
   * As `end`, but services and their network live on: whoever knows `EngineHost.containers.label` removes them. Only for a job that
   * started well.
   */
  leave(step: number): Promise<void>;
  /** "Stop containers": logs of the services, then everything that was made for the job is removed. Safe to repeat, never throws. */
  end(step: number): Promise<void>;
};

/** All texts are evaluated. An empty image means that there is none, as on GitHub. */
export type JobContainers = {
  readonly container: Container | null;
  readonly services: Readonly<Record<string, Container>>;
  /** `owner/name`: the workspace is `/__w/NAME/NAME` in the job container. */
  readonly repository: string;
  /** `github.actor` and `github.token`: how ghcr.io is asked when a container names no credentials. */
  readonly github?: { readonly actor: string; readonly token: string };
};

/** `ContainerSpec` with its templates filled. */
export type Container = {
  readonly image: string;
  readonly env: Readonly<Record<string, string>>;
  readonly ports: readonly string[];
  readonly volumes: readonly string[];
  readonly options?: string;
  readonly entrypoint?: string;
  readonly command?: string;
  readonly credentials?: { readonly username: string; readonly password: string };
};

export type Started =
  | {
      readonly container: JobContainer | null;
      /** `job.container` (`id`, `network`) and `job.services` (`id`, `network`, `ports`). */
      readonly contexts: { readonly container: YamlMap; readonly services: YamlMap };
    }
  /** For people; the log of the step has the details. */
  | { readonly failed: string };

/** Where the steps of a job with `container:` run. */
export type JobContainer = {
  /** A path of the host as it is in the container (`/__w/...`); any other text unchanged. */
  inside(path: string): string;
  /** The way back, for annotations and problem matchers. */
  outside(path: string): string;
  /** Node for JavaScript actions in the container: ours, mounted; the image's own where ours cannot run (musl). Asked once. */
  node(step: number): Promise<{ readonly node: string } | { readonly failed: string }>;
  /**
   * Like `EngineHost.spawn`, in the container: `cwd` is a host path or one in the container; `argv` is used as it is (see
   * `inside`); values of `env` are translated. A timeout or `signal` ends every process that the program started.
   */
  spawn(program: ContainerProgram): Promise<ProgramEnd>;
};

export type ContainerProgram = Program & {
  /** Only what the step sets and GITHUB_*, RUNNER_* ...: not `EngineHost.env`, for HOME and PATH are the container's own. */
  readonly env: Readonly<Record<string, string>>;
  /** What steps added by GITHUB_PATH, first found first; stands before the container's PATH. */
  readonly addPath: readonly string[];
};

export type ActionImage = {
  /** As in `runs.image` or behind `uses:`: `docker://IMAGE`, or a Dockerfile relative to the action. */
  readonly image: string;
  /** Absolute directory of the action; not needed for an image. */
  readonly directory?: string;
};

export type PreparedImage = { readonly image: string } | { readonly failed: string };

export type ContainerRun = {
  readonly step: number;
  /** What `prepare` gave. */
  readonly image: string;
  /** Of the stage: `entrypoint`, `pre-entrypoint` or `post-entrypoint`; main falls back to `with.entrypoint`. Left out: the image's. */
  readonly entrypoint?: string;
  /** Evaluated `runs.args`; or the text of `with.args`, which is split as GitHub's runner does. */
  readonly args: readonly string[] | string;
  /** INPUT_*, STATE_*, GITHUB_*, RUNNER_*, what steps set; not `EngineHost.env`. HOME is set here. */
  readonly env: Readonly<Record<string, string>>;
  readonly onOutput: (chunk: Uint8Array) => void;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
};

/**
 * Docker for the job called `key` (letters, digits, `_.-`): with the workspace it is the label on all that is made. Calls nothing
 * yet: a missing Docker shows when something needs it, and no part of it ever rejects. `openDocker` in open.ts is of this type. The event payload must lie in `TEMP/_github_workflow/event.json` to be seen in containers.
 */
export type OpenDocker = (host: EngineHost, key: string) => Docker;
