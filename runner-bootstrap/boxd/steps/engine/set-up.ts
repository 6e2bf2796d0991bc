/** What the engine itself does around a job's steps; each shown as a step of its own. */

import { isMap } from "../expressions/coerce.ts";
import { fill } from "../expressions/fill.ts";
import type { Container, JobContainers } from "../docker/docker.ts";
import type { ContainerSpec, PlanStep } from "../plan.ts";
import type { Scope } from "../expressions/scope.ts";
import { newMemory, textIn, type Job, type Step } from "./job.ts";
import { writeEvent } from "./make-job.ts";
import type { Work } from "./work.ts";
import { countResult, runStep } from "./run-step.ts";
import { fail } from "./say.ts";
import { fillMap, scopeOf } from "./scope.ts";

/** Named in one note. */
const SERVICES_NAMED = 20;

/** Runs work of the engine's own as a step, whatever the job's status unless a condition says otherwise. */
export async function aside(
  job: Job,
  name: string,
  work: (step: Step) => Promise<Work>,
  condition = "always()",
): Promise<void> {
  const item: PlanStep = { kind: "wait", ids: [], name, env: {}, place: { path: "", line: 1, column: 1 } };
  const { step } = await runStep(job, {
    item,
    name,
    memory: newMemory(),
    action: "",
    stage: "setup",
    condition,
    id: null,
    work,
  });
  countResult(job, step.result);
}

/** The event's file, the workflow's and the job's environment, the defaults. */
export async function setUp(job: Job): Promise<void> {
  await aside(job, "Set up job", async (step) => {
    writeEvent(job);
    for (const level of job.plan.env) {
      // One level sees those above it.
      for (const [name, value] of fillMap(level, scopeOf(step))) {
        job.env.set(name, value);
        step.env[name] = value;
      }
    }
    const { shell, workingDirectory } = job.plan.defaults;
    job.defaults.shell = shell === undefined ? "" : fill(shell, scopeOf(step));
    job.defaults.workingDirectory =
      workingDirectory === undefined ? "" : fill(workingDirectory, scopeOf(step));
    return "success";
  });
}

export async function startContainers(job: Job): Promise<void> {
  const { container, services } = job.plan;
  if (container === undefined && Object.keys(services).length === 0) return;
  const work = async (step: Step): Promise<Work> => {
    const scope = scopeOf(step);
    const { actor, token } = job.github;
    const wanted: JobContainers = {
      repository: textIn(job.github, "repository") || job.plan.synced.repository,
      container: container === undefined ? null : filled(container, scope),
      services: Object.fromEntries(
        Object.entries(services).map(([name, spec]) => [name, filled(spec, scope)]),
      ),
      ...(typeof actor === "string" && typeof token === "string" ? { github: { actor, token } } : {}),
    };
    const started = await job.docker.start(step.shown.n, wanted, step.stop.signal);
    if ("failed" in started) {
      fail(step, started.failed);
      return step.stop.signal.aborted ? "cancelled" : "failure";
    }
    job.isStranded = false;
    job.container = started.container;
    job.context.container = started.contexts.container;
    job.context.services = started.contexts.services;
    return "success";
  };
  // Until it has started: whatever else becomes of this step, nothing runs on the host in its stead.
  job.isStranded = container !== undefined;
  // A job that is cancelled, or over its time, waits for no image and no service.
  await aside(job, "Initialize containers", work, "success()");
}

/** Only when something was started, or tried to. */
export async function stopContainers(job: Job): Promise<void> {
  const { container, services } = job.plan;
  if (container === undefined && Object.keys(services).length === 0) {
    // Images that Docker actions built are removed without a step of its own.
    await job.docker.end(job.last);
    return;
  }
  await aside(job, "Stop containers", async (step) => {
    await job.docker.end(step.shown.n);
    return "success";
  });
}

/** Services stay for whoever comes after the job; all else is removed. A job without any ends as always. */
export async function leaveServices(job: Job): Promise<void> {
  const { container } = job.plan;
  // Those with an empty image were never started.
  const names = isMap(job.context.services) ? Object.keys(job.context.services) : [];
  if (names.length === 0) return stopContainers(job);
  if (container === undefined) await job.docker.leave(job.last);
  else
    await aside(job, "Stop the job's container", async (step) => {
      await job.docker.leave(step.shown.n);
      return "success";
    });
  const listed = names.slice(0, SERVICES_NAMED).join(", ");
  job.host.event({ e: "note", text: `Until the command has ended these services run: ${listed}.` });
}

function filled(spec: ContainerSpec, scope: Scope): Container {
  const text = (template: string): string => fill(template, scope);
  const { options, entrypoint, command, credentials } = spec;
  return {
    image: text(spec.image),
    env: Object.fromEntries(fillMap(spec.env, scope)),
    ports: spec.ports.map(text),
    volumes: spec.volumes.map(text),
    ...(options === undefined ? {} : { options: text(options) }),
    ...(entrypoint === undefined ? {} : { entrypoint: text(entrypoint) }),
    ...(command === undefined ? {} : { command: text(command) }),
    ...(credentials === undefined
      ? {}
      : { credentials: { username: text(credentials.username), password: text(credentials.password) } }),
  };
}
