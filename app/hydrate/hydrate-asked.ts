/** A workflow's job whose steps prepare the box, and who named it. */
export type HydrateAsked = {
  /** Path, file name or name. */
  readonly workflow?: string;
  readonly job?: string;
  readonly by: "name" | "crabbox.yml";
};
