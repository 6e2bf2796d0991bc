/** A workflow's job whose steps prepare the box, and who named it. */
export type HydrateAsked = {
  /** Path, file name or name. */
  readonly workflow?: string;
  readonly job?: string;
  readonly by: "name" | "crabbox.yml";
};

/** Whose steps they are. */
export type StepsAsked = {
  /** `head`: of the head commit, asked for by a writer; absent: the base's (law 12). */
  readonly stepsFrom?: "head";
};
