/** "Initialize containers": network, job container, services. */

import { mkdirSync } from "node:fs";
import { join } from "node:path";

import type { YamlMap } from "../plan.ts";
import { say } from "./cli.ts";
import { createContainer, showLog } from "./create.ts";
import type { Container, JobContainer, JobContainers, Started } from "./docker.ts";
import { awaitHealthy } from "./health.ts";
import { healthOf, pathOf, portsOf } from "./inspect.ts";
import { jobContainer } from "./job-container.ts";
import { HOME_DIRECTORY, jobMounts, jobPaths, WORKFLOW_DIRECTORY } from "./paths.ts";
import type { Mount } from "./paths.ts";
import { grouped, jobLabels, nameFor } from "./room.ts";
import type { MadeContainer, Room } from "./room.ts";
import { nodeMount, socketMounts } from "./well-known.ts";

/** As actions/runner ContainerOperationProvider.cs, StartContainersAsync; containers with an empty image are left out. */
export async function startContainers(room: Room, step: number, containers: JobContainers): Promise<Started> {
  const { host, cli } = room;
  const services = Object.entries(containers.services).filter(([name, { image }]) => {
    if (image === "") say(host, step, `Service ${name} is not started: its image is empty.`);
    return image !== "";
  });
  const job = containers.container?.image === "" ? null : containers.container;
  if (job === null && services.length === 0)
    return { container: null, contexts: { container: {}, services: {} } };

  const network = nameFor(room, "network");
  const created = await grouped(host, step, "Creating the job's network", () =>
    cli.ask(step, ["network", "create", ...jobLabels(room), network], room.cancel),
  );
  if ("failed" in created) return created;
  room.made.network = network;

  let inside: JobContainer | null = null;
  let context: YamlMap = { network };
  if (job !== null) {
    const mounts = mountsOf(room, containers.repository);
    const map = jobPaths(host, containers.repository);
    const wanted = { container: inHome(job), service: null, network, mounts, ...githubOf(containers) };
    const workdir = map.inside(host.places.workspace);
    const made = await grouped(host, step, "Starting the job's container", () =>
      createContainer(room, step, { ...wanted, workdir }),
    );
    if ("failed" in made) return made;
    const stopped = await whyStopped(room, step, made);
    if (stopped !== null) return { failed: stopped };
    room.made.writer = job.image;
    inside = jobContainer(room, { id: made.id, map, path: await pathOf(room, step, made.id) });
    context = { network, id: made.id };
  }
  const contexts: Record<string, YamlMap> = {};
  const waited: MadeContainer[] = [];
  for (const [service, container] of services) {
    const wanted = { container, service, network, mounts: [], ...githubOf(containers) };
    const made = await grouped(host, step, `Starting service ${service}`, () =>
      createContainer(room, step, wanted),
    );
    if ("failed" in made) return made;
    waited.push(made);
    contexts[service] = { id: made.id, network, ports: await portsOf(room, step, made.id) };
  }
  const ill = await awaitHealthy(room, step, waited);
  return ill === null
    ? { container: inside, contexts: { container: context, services: contexts } }
    : { failed: ill };
}

function mountsOf(room: Room, repository: string): readonly Mount[] {
  for (const name of [HOME_DIRECTORY, WORKFLOW_DIRECTORY])
    mkdirSync(join(room.host.places.temp, name), { recursive: true });
  return [...jobMounts(room.host, repository), nodeMount(room.host), ...socketMounts(room.host)];
}

function inHome(container: Container): Container {
  return { ...container, env: { ...container.env, HOME: "/github/home" } };
}

function githubOf({ github }: JobContainers): Pick<JobContainers, "github"> {
  return github === undefined ? {} : { github };
}

/** A job's container has to stay: without it no step can run. */
async function whyStopped(room: Room, step: number, made: MadeContainer): Promise<string | null> {
  const health = await healthOf(room, step, made.id);
  if ("failed" in health) return `the job's container: ${health.failed}`;
  if (health.isRunning) return null;
  await showLog(room, step, made);
  return "the job's container ended at once; its image needs the program tail";
}
