/** What a run's options say of what its command leaves behind. */
export type CollectAsked = {
  /** Patterns of files with the results of its tests; absent: the well-known places. */
  readonly results?: readonly string[];
  /** Patterns of files that are kept; absent: none. */
  readonly artifacts?: readonly string[];
};
