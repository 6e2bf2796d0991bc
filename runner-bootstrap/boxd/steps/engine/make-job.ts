/** A job before its first step: its contexts, its files, what is masked from the beginning. */

import { mkdirSync, writeFileSync } from "node:fs";
import { arch, hostname } from "node:os";
import { join } from "node:path";

import { openDocker } from "../docker/open.ts";
import type { EngineHost } from "../host.ts";
import type { JobPlan, Yaml } from "../plan.ts";
import { bare, type Job } from "./job.ts";
import { addMask } from "./set.ts";

/** As `runner.arch` has them (actions/runner VarUtil.cs). */
const ARCHITECTURES: Readonly<Record<string, string>> = {
  x64: "X64",
  arm64: "ARM64",
  arm: "ARM",
  ia32: "X86",
};

/** Where GitHub puts it, and containers look for it. */
const EVENT_DIRECTORY = "_github_workflow";

export function makeJob(plan: JobPlan, host: EngineHost): Job {
  const { vars, secrets } = plan.contexts;
  const isDebug = [secrets["ACTIONS_STEP_DEBUG"], vars["ACTIONS_STEP_DEBUG"]].some(
    (value) => value?.toLowerCase() === "true",
  );
  const job: Job = {
    plan,
    host,
    docker: openDocker(host, plan.job.replaceAll(/[^\w.-]+/g, "_")),
    container: null,
    isStranded: false,
    status: "success",
    env: new Map(),
    path: new Set(),
    steps: bare(),
    github: githubContext(plan, host),
    runner: {
      os: "Linux",
      arch: ARCHITECTURES[arch()] ?? arch().toUpperCase(),
      name: hostname(),
      environment: "self-hosted",
      tool_cache: host.places.toolCache,
      temp: host.places.temp,
      workspace: join(host.places.workspace, ".."),
      ...(isDebug ? { debug: "1" } : {}),
    },
    context: { container: {}, services: {} },
    defaults: { shell: "", workingDirectory: "" },
    posts: [],
    running: new Set(),
    results: [],
    masked: new Set(),
    noted: new Set(),
    matchers: [],
    last: 0,
    isDebug,
    isOver: false,
  };
  for (const secret of Object.values(secrets)) addMask(job, secret);
  if (typeof job.github["token"] === "string") addMask(job, job.github["token"]);
  return job;
}

/** The event's payload as a file; tools read it by GITHUB_EVENT_PATH. */
export function writeEvent(job: Job): void {
  const directory = join(job.host.places.temp, EVENT_DIRECTORY);
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, "event.json"), JSON.stringify(job.github["event"] ?? {}, null, 2));
}

function githubContext(plan: JobPlan, host: EngineHost): Record<string, Yaml> {
  return {
    ...plan.contexts.github,
    workspace: host.places.workspace,
    event_path: join(host.places.temp, EVENT_DIRECTORY, "event.json"),
  };
}
