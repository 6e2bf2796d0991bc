/** The state of one job on its way, and of each step in it. Only the engine's own files change it. */

import type { JobContainer, Docker } from "../docker/docker.ts";
import type { EngineHost, Outcome, StepResult } from "../host.ts";
import type { JobPlan, PlanStep, Yaml } from "../plan.ts";
import type { Found } from "./action-of.ts";
import type { Matcher } from "./matcher.ts";

export type Stage = "setup" | "pre" | "main" | "post";

/** What `steps.ID` shows; null prototype, because names come from steps. */
export type StepEntry = { outputs: Record<string, string>; outcome?: Outcome; conclusion?: Outcome };

/** What is kept from a step's pre to its main and post; a composite's children have their own. */
export type Memory = {
  readonly state: Map<string, string>;
  /** By their place in the composite. */
  readonly children: Map<number, Memory>;
  /** The action, as it was when it was found first. */
  found?: Found;
  /** The `steps` context inside a composite. */
  readonly steps: Record<string, StepEntry>;
  /** The post's condition, once pre or main has begun. */
  post?: string;
};

export type Job = {
  readonly plan: JobPlan;
  readonly host: EngineHost;
  readonly docker: Docker;
  /** Where steps run; null is the host itself. */
  container: JobContainer | null;
  /** Its containers did not start: nothing may run on the host in their stead. */
  isStranded: boolean;
  status: "success" | "failure" | "cancelled";
  /** Global environment: the plan's, then what steps add. */
  readonly env: Map<string, string>;
  /** GITHUB_PATH in the order added: the last is found first. */
  readonly path: Set<string>;
  readonly steps: Record<string, StepEntry>;
  readonly github: Record<string, Yaml>;
  readonly runner: Record<string, Yaml>;
  readonly context: { container: Yaml; services: Yaml };
  readonly defaults: { shell: string; workingDirectory: string };
  readonly posts: Post[];
  readonly running: Set<Step>;
  readonly results: StepResult[];
  /** Values that are masked; an output that holds one is not handed on. */
  readonly masked: Set<string>;
  /** What was noted once already. */
  readonly noted: Set<string>;
  matchers: readonly Matcher[];
  /** Number of the last step shown. */
  last: number;
  readonly isDebug: boolean;
  /** No step is waited for any longer. */
  isOver: boolean;
};

export type Post = {
  readonly item: PlanStep;
  readonly name: string;
  readonly action: string;
  readonly memory: Memory;
};

/** A step as it is shown; what is nested in a composite shares it. */
export type Shown = {
  readonly n: number;
  readonly counts: { notice: number; warning: number; failure: number };
  /** Text on its way to the log, kept together while a chunk is read. */
  pieces: (Uint8Array | string)[] | null;
  group: string | null;
  /** How many groups it began. */
  groups: number;
  code: number | null;
};

export type Deferred = {
  readonly outputs: Map<string, string>;
  readonly env: Map<string, string>;
  readonly path: Set<string>;
};

export type Step = {
  readonly job: Job;
  readonly shown: Shown;
  readonly stage: Stage;
  readonly isNested: boolean;
  readonly id: string | null;
  /** The `steps` context it sees, and is written to. */
  readonly scope: Record<string, StepEntry>;
  readonly github: Record<string, Yaml>;
  readonly inputs: Yaml;
  readonly condition: string | undefined;
  readonly memory: Memory;
  /** `env` context: global, then the levels of step environment above, then its own. */
  env: Record<string, string>;
  /** Names that a step's own `env` gave, which GITHUB_ENV does not change for what is nested. */
  readonly overrides: Set<string>;
  readonly outputs: Record<string, string>;
  readonly outputNames: Map<string, string>;
  /** How much it has set, in characters. */
  setChars: number;
  readonly stop: AbortController;
  deadlineAt: number | null;
  timeoutMinutes: number | null;
  result: Outcome | null;
  outcome: Outcome | null;
  /** A workflow command or command file was at fault. */
  isCommandFailed: boolean;
  readonly deferred: Deferred | null;
  echo: boolean;
};

export type StepSeed = Pick<
  Step,
  "stage" | "isNested" | "id" | "scope" | "github" | "inputs" | "condition" | "memory"
> & {
  readonly shown: Shown;
  readonly deadlineAt?: number | null;
  readonly isBackground?: boolean;
};

/** An own copy of `github` is taken, because steps that run at once have different command files. */
export function newStep(job: Job, seed: StepSeed): Step {
  return {
    job,
    shown: seed.shown,
    stage: seed.stage,
    isNested: seed.isNested,
    id: seed.id,
    scope: seed.scope,
    github: { ...seed.github },
    inputs: seed.inputs,
    condition: seed.condition,
    memory: seed.memory,
    env: bare(),
    overrides: new Set(),
    outputs: bare(),
    outputNames: new Map(),
    setChars: 0,
    stop: new AbortController(),
    deadlineAt: seed.deadlineAt ?? null,
    timeoutMinutes: null,
    result: null,
    outcome: null,
    isCommandFailed: false,
    deferred: seed.isBackground === true ? { outputs: new Map(), env: new Map(), path: new Set() } : null,
    echo: job.isDebug,
  };
}

/** The next step that is shown. */
export function newShown(job: Job): Shown {
  job.last += 1;
  return {
    n: job.last,
    counts: { notice: 0, warning: 0, failure: 0 },
    pieces: null,
    group: null,
    groups: 0,
    code: null,
  };
}

export function newMemory(): Memory {
  return { state: new Map(), children: new Map(), steps: bare() };
}

/** A map whose names come from outside. */
export function bare<T>(): Record<string, T> {
  return Object.create(null) as Record<string, T>;
}

/** A text of a context; empty when it is not there or no text. */
export function textIn(values: Readonly<Record<string, Yaml>>, name: string): string {
  const value = values[name];
  return typeof value === "string" ? value : "";
}

/** The worse of two, as GitHub's runner merges them (TaskResultUtil.cs): what is cancelled or skipped stays so. */
export function worse(current: Outcome | null, coming: Outcome): Outcome {
  if (current === null) return coming;
  if (current === "cancelled" || current === "skipped") return current;
  const rank = { success: 0, failure: 1, cancelled: 2, skipped: 3 };
  return rank[coming] >= rank[current] ? coming : current;
}
