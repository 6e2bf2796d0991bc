/** What the story runs: the sample has a test, a check and a watch; a repository of the person's own may have anything. */
export type Commands = {
  readonly test: string;
  /** Stands in the output of `test` when it ran on that commit. */
  readonly sign: (headSha: string) => string;
  readonly fail: string;
  /** Runs for minutes. */
  readonly watch: string;
  /** A `hydrate` job prepares the box. */
  readonly isPrepared: boolean;
};

/** The commands of the story in the sample repository. */
export const SAMPLE_COMMANDS: Commands = {
  test: "npm test",
  sign: () => "# pass 3",
  fail: "node scripts/check.js 4",
  watch: "node scripts/watch.js",
  isPrepared: true,
};

/** The commands of the story in any repository. */
export const ANY_COMMANDS: Commands = {
  test: "git rev-parse HEAD && ls",
  sign: (headSha) => headSha,
  fail: "ls && exit 3",
  watch: "for second in $(seq 600); do date; sleep 1; done",
  isPrepared: false,
};

/** The same, which do with git and a shell where a box has no npm. */
export function sampleCommands(hasNpm: boolean): Commands {
  return hasNpm ? SAMPLE_COMMANDS : { ...ANY_COMMANDS, isPrepared: true };
}

/** The comments that the pull request's page offers, ready to post. */
export function suggestions({ test, fail, watch }: Commands): string[] {
  return [
    "/crabbox help",
    ...[test, fail, watch].map((command) => `/crabbox run -- ${command}`),
    "/crabbox status",
    "/crabbox cancel",
  ];
}
