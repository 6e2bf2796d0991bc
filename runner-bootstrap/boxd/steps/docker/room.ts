/** What all parts of a job's Docker share: the client, the labels, and what has been made so far. */

import { createHash, randomBytes } from "node:crypto";

import type { EngineHost } from "../host.ts";
import type { DockerCli } from "./cli.ts";

export type Room = {
  readonly host: EngineHost;
  readonly cli: DockerCli;
  readonly key: string;
  readonly made: Made;
  /** For calls that wait for something outside. */
  readonly cancel: { readonly signal?: AbortSignal };
};

export type Made = {
  network: string | null;
  readonly containers: MadeContainer[];
  /** Images that the job has, by what they were made of: an image's name or a Dockerfile. None is pulled or built twice. */
  readonly images: Map<string, string>;
  /** Root in a container has perhaps written to the workspace, by this image's container. */
  writer: string | null;
};

export type MadeContainer = { readonly id: string; readonly service: string | null; wasShown: boolean };

const PREFIX = "app.crabbox.";
/** On everything made for one job. */
const JOB_LABEL = `${PREFIX}job`;
/** Which workspace it was for: one job at a time works in it, so what another job left there is nobody's. */
const WORKSPACE_LABEL = `${PREFIX}workspace`;

export function jobLabels(room: Pick<Room, "host" | "key">): readonly string[] {
  const { containers } = room.host;
  return [
    `--label=${JOB_LABEL}=${room.key}`,
    `--label=${WORKSPACE_LABEL}=${workspaceMark(room.host)}`,
    ...(containers === undefined ? [] : [`--label=${containers.label}`]),
  ];
}

/** What tells a service from the other containers of its job, with its name. */
export const SERVICE_LABEL = `${PREFIX}service`;

/** Filters for what `jobLabels` marked: a job of the same name may run in another workspace. */
export function jobFilters(room: Pick<Room, "host" | "key">): readonly string[] {
  return [`--filter=label=${JOB_LABEL}=${room.key}`, ...workspaceFilters(room)];
}

/** Filters for what any job made for this workspace. */
export function workspaceFilters({ host }: Pick<Room, "host">): readonly string[] {
  return [`--filter=label=${WORKSPACE_LABEL}=${workspaceMark(host)}`];
}

/** Short and free of signs that a filter would read. */
export function workspaceMark(host: EngineHost): string {
  return createHash("sha256").update(host.places.workspace).digest("hex").slice(0, 16);
}

/** A name for a container or network: of the job, and not the name of any other. */
export function nameFor(room: Pick<Room, "key">, what: string): string {
  const part = (text: string): string => text.replaceAll(/[^A-Za-z0-9_.-]/g, "_").slice(0, 60);
  return `crabbox-${part(room.key)}-${part(what)}-${randomBytes(3).toString("hex")}`.toLowerCase();
}

/** The room of one call, with what ends it. A job that is cancelled already ends nothing: steps with `always()` run then. */
export function endable(room: Room, signal?: AbortSignal): Room {
  const { cancelled } = room.host;
  const own = signal ?? (cancelled.aborted ? undefined : cancelled);
  return { ...room, cancel: own === undefined ? {} : { signal: own } };
}

/** Why something failed that was ended with its job: nobody but the job's own time ends it beside the host. */
export function whyEnding({ host }: Pick<Room, "host">): string {
  return host.cancelled.aborted ? "the job was cancelled" : "the job's time was over";
}

/** Whether what these calls are for is to end. */
export function isEnding({ cancel }: Pick<Room, "cancel">): boolean {
  return cancel.signal?.aborted === true;
}

/** Runs something between the ends of a group in the step's log. */
export async function grouped<T>(
  host: EngineHost,
  step: number,
  name: string,
  work: () => Promise<T>,
): Promise<T> {
  host.event({ e: "group", n: step, at: "begin", name });
  try {
    return await work();
  } finally {
    host.event({ e: "group", n: step, at: "end", name });
  }
}
