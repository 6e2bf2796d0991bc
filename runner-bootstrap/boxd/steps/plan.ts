/**
 * What the planner hands the step engine: one job of a workflow with everything decided that can be decided beforehand. Text that
 * may hold `${{ }}` is a `Template`: only the engine evaluates it, step by step, because outputs exist only at run time.
 * Dependency-free, because the App and the box both import it.
 */

import type { CacheMode } from "./cache-mode.ts";

/** Version of the plan; the engine refuses one that it does not know. */
export const JOB_PLAN_VERSION = 1;

/** Text as it stands in the YAML file; may hold `${{ }}`. */
export type Template = string;

/** A YAML value; strings in it may be templates. */
export type Yaml = null | boolean | number | string | readonly Yaml[] | { readonly [key: string]: Yaml };

export type YamlMap = { readonly [key: string]: Yaml };

/** A place in a file of the repository; both count from 1. */
export type Place = { readonly path: string; readonly line: number; readonly column: number };

export type JobPlan = {
  readonly v: typeof JOB_PLAN_VERSION;
  /** Id in the workflow; inside a reusable workflow `caller / job`. */
  readonly job: string;
  /** As GitHub shows it; the matrix values stand in brackets unless the name is given. */
  readonly name: Template;
  readonly workflow: { readonly name: string; readonly path: string };
  /** Contexts known before the job starts. The engine adds `steps`, `job`, `runner`, `env` and what changes from step to step. */
  readonly contexts: {
    readonly github: YamlMap;
    readonly vars: Readonly<Record<string, string>>;
    readonly secrets: Readonly<Record<string, string>>;
    readonly inputs: YamlMap;
    readonly matrix: YamlMap | null;
    readonly strategy: YamlMap;
    readonly needs: YamlMap;
  };
  /** The workflow's `env`, then the job's: a map of templates, or one expression for the whole map. */
  readonly env: readonly (Readonly<Record<string, Template>> | Template)[];
  readonly defaults: { readonly shell?: Template; readonly workingDirectory?: Template };
  readonly steps: readonly PlanStep[];
  /** All actions that may be used, nested ones too, by `PlanStep.action`. */
  readonly actions: Readonly<Record<string, PlanAction>>;
  readonly outputs: Readonly<Record<string, Template>>;
  readonly continueOnError?: boolean | Template;
  readonly timeoutMinutes?: number | Template;
  /** What the job may do with caches; left out: both. */
  readonly cacheMode?: CacheMode;
  readonly container?: ContainerSpec;
  readonly services: Readonly<Record<string, ContainerSpec>>;
  /** The commit in the workspace when the job starts: checkout of it is answered. */
  readonly synced: {
    readonly repository: string;
    readonly sha: string;
    readonly submodules: boolean;
    readonly lfs: boolean;
  };
};

type StepBase = {
  readonly id?: string;
  readonly name?: Template;
  /** The condition as written, with or without `${{ }}`; left out means `success()`. */
  readonly if?: string;
  readonly env: Readonly<Record<string, Template>> | Template;
  readonly continueOnError?: boolean | Template;
  readonly timeoutMinutes?: number | Template;
  readonly background?: boolean;
  readonly place: Place;
};

export type PlanStep = StepBase &
  (
    | {
        readonly kind: "run";
        readonly run: Template;
        readonly shell?: Template;
        readonly workingDirectory?: Template;
      }
    | {
        readonly kind: "uses";
        /** As written. */
        readonly uses: string;
        /** Key into `JobPlan.actions`. */
        readonly action: string;
        readonly with: Readonly<Record<string, Template>>;
      }
    | { readonly kind: "parallel"; readonly steps: readonly PlanStep[] }
    /** Ids of background steps; an empty list means all that run. */
    | { readonly kind: "wait"; readonly ids: readonly string[] }
    | { readonly kind: "cancel"; readonly ids: readonly string[] }
  );

export type PlanAction = {
  /** `owner/repo/path` or the path of a local action, as shown. */
  readonly name: string;
  /** What was written behind the `@`, and the commit it was resolved to; both left out for a local action. */
  readonly ref?: string;
  readonly sha?: string;
  readonly source:
    /** A tree carried to the box: the directory `ACTIONS/<archive>` holds the whole repository, `path` is the action's place in it (`""` at its root). */
    | { readonly kind: "archive"; readonly archive: string; readonly path: string }
    /** A directory relative to the workspace, read when the step is reached. */
    | { readonly kind: "workspace"; readonly path: string }
    /** `docker://IMAGE`. */
    | { readonly kind: "image"; readonly image: string };
  /** Null for a local action that is not there before an earlier step has made it, and for an image. */
  readonly definition: ActionDefinition | null;
};

/** What an `action.yml` says, checked. */
export type ActionDefinition = {
  readonly name: string;
  readonly inputs: Readonly<
    Record<string, { readonly default?: Template; readonly required: boolean; readonly deprecation?: string }>
  >;
  readonly outputs: Readonly<Record<string, { readonly value?: Template }>>;
  readonly runs:
    | {
        readonly using: "node12" | "node16" | "node20" | "node24";
        readonly main: string;
        readonly pre?: string;
        readonly preIf?: string;
        readonly post?: string;
        readonly postIf?: string;
      }
    | { readonly using: "composite"; readonly steps: readonly ActionStep[] }
    | {
        readonly using: "docker";
        /** `docker://IMAGE`, or a Dockerfile relative to the action. */
        readonly image: string;
        readonly args: readonly Template[];
        readonly env: Readonly<Record<string, Template>>;
        readonly entrypoint?: string;
        readonly preEntrypoint?: string;
        readonly preIf?: string;
        readonly postEntrypoint?: string;
        readonly postIf?: string;
      };
};

/** A composite's step: `action` is filled in by the planner (`""` as parsed). */
export type ActionStep = PlanStep;

/** A job's container or a service; every text is a template. */
export type ContainerSpec = {
  readonly image: Template;
  readonly env: Readonly<Record<string, Template>>;
  readonly ports: readonly Template[];
  readonly volumes: readonly Template[];
  readonly options?: Template;
  readonly entrypoint?: Template;
  readonly command?: Template;
  readonly credentials?: { readonly username: Template; readonly password: Template };
};
