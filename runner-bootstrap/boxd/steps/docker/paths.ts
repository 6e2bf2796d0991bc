/** Which directory of the host is which in a container, and the translation both ways. */

import { dirname, join } from "node:path";

import type { EngineHost } from "../host.ts";

export type Mount = { readonly host: string; readonly inside: string; readonly readOnly?: boolean };

export type PathMap = {
  readonly inside: (text: string) => string;
  readonly outside: (text: string) => string;
};

/** Where the engine lays `event.json`; GitHub mounts it at the same place in all containers. */
export const WORKFLOW_DIRECTORY = "_github_workflow";
/** HOME in containers, kept between the steps of a job. */
export const HOME_DIRECTORY = "_github_home";

/** Of a repository: no separator, and neither `.` nor `..`. */
const DIRECTORY_NAME = /^(?!\.{1,2}$)[\w.-]+$/;

/** Mounts of a job container (actions/runner ContainerOperationProvider.cs, MountWellKnownDirectories). */
export function jobMounts(host: EngineHost, repository: string): readonly Mount[] {
  const name = directoryOf(repository);
  const { places } = host;
  return [
    { host: places.workspace, inside: `/__w/${name}/${name}` },
    { host: places.temp, inside: "/__w/_temp" },
    { host: places.actions, inside: "/__w/_actions" },
    { host: places.files, inside: "/__w/_runner_file_commands" },
    { host: places.toolCache, inside: "/__t" },
    { host: join(places.temp, HOME_DIRECTORY), inside: "/github/home" },
    { host: join(places.temp, WORKFLOW_DIRECTORY), inside: "/github/workflow" },
  ];
}

/** The paths of a job container: of its mounts, and `runner.workspace`, which is above the workspace and no mount of its own. */
export function jobPaths(host: EngineHost, repository: string): PathMap {
  const { inside, outside } = pathMap(jobMounts(host, repository));
  const above = { host: dirname(host.places.workspace), inside: `/__w/${directoryOf(repository)}` };
  return {
    inside: (text) => (text === above.host ? above.inside : inside(text)),
    outside: (text) => (text === above.inside ? above.host : outside(text)),
  };
}

/** Mounts of a Docker action (actions/runner ContainerActionHandler.cs). */
export function actionMounts(host: EngineHost): readonly Mount[] {
  const { places } = host;
  return [
    { host: places.temp, inside: "/github/runner_temp" },
    { host: join(places.temp, HOME_DIRECTORY), inside: "/github/home" },
    { host: join(places.temp, WORKFLOW_DIRECTORY), inside: "/github/workflow" },
    { host: places.files, inside: "/github/file_commands" },
    { host: places.workspace, inside: "/github/workspace" },
  ];
}

/**
 * Translates a text that is a mounted path or below one, as the runner does (ContainerInfo.cs, TranslateToContainerPath): a list of
 * paths or a path within other words stays. The innermost mount counts.
 */
export function pathMap(mounts: readonly Mount[]): PathMap {
  const inward = mounts
    .map(({ host, inside }) => ({ from: host, to: inside }))
    .toSorted((a, b) => b.from.length - a.from.length);
  const outward = mounts
    .map(({ host, inside }) => ({ from: inside, to: host }))
    .toSorted((a, b) => b.from.length - a.from.length);
  return { inside: (text) => translate(text, inward), outside: (text) => translate(text, outward) };
}

/** The argument of `--mount`, which is a line of CSV: a comma or a quote in a path stays a part of it. */
export function mountArgument(mount: Mount): string {
  const field = (text: string): string => (/[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const fields = ["type=bind", field(`source=${mount.host}`), field(`target=${mount.inside}`)];
  return `--mount=${[...fields, ...(mount.readOnly === true ? ["readonly"] : [])].join(",")}`;
}

function directoryOf(repository: string): string {
  const last = repository.split("/").at(-1) ?? "";
  return DIRECTORY_NAME.test(last) ? last : "work";
}

function translate(text: string, table: readonly { readonly from: string; readonly to: string }[]): string {
  const found = table.find(({ from }) => text === from || text.startsWith(`${from}/`));
  return found === undefined ? text : found.to + text.slice(found.from.length);
}
