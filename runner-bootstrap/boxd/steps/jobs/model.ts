import type { CacheMode } from "../cache-mode.ts";
import type { ContainerSpec, Place, PlanStep, Template, Yaml } from "../plan.ts";

/** Names to templates, or one expression for the whole map; a key `${{ insert }}` brings in the map that its value is. */
export type Templates = Readonly<Record<string, Template>> | Template;

export type Defaults = { readonly shell?: Template; readonly workingDirectory?: Template };

/** A workflow as written and checked. Nothing is evaluated; text that was a number or a boolean in YAML is as GitHub prints it. */
export type WorkflowModel = {
  readonly path: string;
  /** The path when the file gives none, as on GitHub. */
  readonly name: string;
  readonly runName?: Template;
  /** As written: a name, a list of names, or a map by event. */
  readonly on: Yaml;
  /** Events' names. */
  readonly events: readonly string[];
  readonly inputs: {
    readonly dispatch: Readonly<Record<string, InputModel>>;
    readonly call: Readonly<Record<string, InputModel>>;
  };
  /** What `workflow_call` asks for and gives back; null when the workflow cannot be called. */
  readonly call: {
    readonly secrets: Readonly<Record<string, { readonly required: boolean }>>;
    readonly outputs: Readonly<Record<string, Template>>;
  } | null;
  readonly permissions?: Permissions;
  readonly cacheMode?: CacheMode;
  readonly concurrency?: Concurrency;
  readonly env: Templates;
  readonly defaults: Defaults;
  /** In the file's order; at least one. Ids differ, upper and lower case counting as the same. */
  readonly jobs: readonly JobModel[];
};

export type InputModel = {
  readonly type: "string" | "boolean" | "number" | "choice" | "environment";
  readonly required: boolean;
  /** A template in `workflow_call`. */
  readonly default?: Yaml;
  readonly options?: readonly string[];
  readonly description?: string;
};

export type Permissions = "read-all" | "write-all" | Readonly<Record<string, "read" | "write" | "none">>;

export type Concurrency = {
  readonly group: Template;
  readonly cancelInProgress?: boolean | Template;
  readonly queue?: Template;
};

type JobBase = {
  readonly id: string;
  readonly name?: Template;
  /** Ids of jobs in this file, as those jobs spell them. */
  readonly needs: readonly string[];
  /** As written, with or without `${{ }}`; left out means `success()`. */
  readonly if?: string;
  /**
   * `strategy` as written, with templates in it, or one expression for the whole. Its contexts (github, inputs, vars, needs) are known
   * before the job starts: fill it, then `expandStrategy`. Left out: one run of the job, without a matrix.
   */
  readonly strategy?: Yaml;
  readonly permissions?: Permissions;
  /** Of a call: what the called workflow may have at the most. */
  readonly cacheMode?: CacheMode;
  readonly concurrency?: Concurrency;
  readonly place: Place;
};

/** A job with steps of its own. */
export type StepsJob = JobBase & {
  readonly kind: "steps";
  /** A label, a list of labels, a map of `group` and `labels`, or an expression for any of them: fill it, then `runnerOf`. */
  readonly runsOn: Yaml;
  readonly env: Templates;
  readonly defaults: Defaults;
  readonly steps: readonly StepModel[];
  /** One expression for the whole (an image's name or a map): evaluate it, then `containerOf`. */
  readonly container?: ContainerSpec | Template;
  readonly services: Readonly<Record<string, ContainerSpec | Template>> | Template;
  readonly outputs: Readonly<Record<string, Template>>;
  readonly timeoutMinutes?: number | Template;
  readonly continueOnError?: boolean | Template;
  readonly environment?: { readonly name: Template; readonly url?: Template };
};

/** A job that calls a reusable workflow. */
export type CallJob = JobBase & {
  readonly kind: "call";
  /** `./.github/workflows/FILE` or `OWNER/REPOSITORY/.github/workflows/FILE@REF`. */
  readonly uses: string;
  readonly usesPlace: Place;
  readonly with: Readonly<Record<string, Yaml>>;
  readonly secrets: "inherit" | Readonly<Record<string, Template>>;
};

export type JobModel = StepsJob | CallJob;

type OwnKeys<S> = S extends { readonly kind: "uses" }
  ? Omit<S, "action"> & { readonly usesPlace: Place }
  : S extends { readonly kind: "parallel" }
    ? Omit<S, "steps"> & { readonly steps: readonly StepModel[] }
    : S;

/** A step as the plan has it, but for what is known only when `uses:` is resolved. */
export type StepModel = OwnKeys<PlanStep>;
