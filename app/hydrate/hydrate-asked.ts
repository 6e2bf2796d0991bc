/** What of workflows a run wants. */
export type WorkAsked = {
  /** Whose set-up steps; absent: those of the job named `hydrate`. */
  readonly hydrate?: HydrateAsked;
  /** What they leave in the work tree and later commands need, beside what is always kept. */
  readonly keep?: readonly string[];
  /** A whole job in the command's stead; the command only says so. */
  readonly job?: JobAsked;
};

/** A workflow's job whose steps prepare the box, and who named it. */
export type HydrateAsked = {
  /** Path, file name or name. */
  readonly workflow?: string;
  readonly job?: string;
  /** Which combination of the job's matrix; left out: the first. */
  readonly matrix?: Readonly<Record<string, string>>;
  /** The jobs that it needs run first on the same box; without this such a job is refused. */
  readonly needs?: true;
  readonly by: "name" | "crabbox.yml";
};

/** A workflow's job that runs whole, in a command's stead. */
export type JobAsked = {
  /** Path, file name or name; left out: the one workflow that has such a job. */
  readonly workflow?: string;
  readonly job: string;
  /** Which combination of the job's matrix; left out: the first. */
  readonly matrix?: Readonly<Record<string, string>>;
  /** Without the jobs it needs, as if they had ended well and handed on nothing. */
  readonly only?: true;
};

/** Whose steps they are. */
export type StepsAsked = {
  /** `head`: of the head commit, asked for by a writer; absent: the base's (law 12). */
  readonly stepsFrom?: "head";
};
