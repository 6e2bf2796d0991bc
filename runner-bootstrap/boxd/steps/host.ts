/** What the step engine needs from where it runs: boxd on a box, or the CLI's `job` on this machine. */

export type Outcome = "success" | "failure" | "cancelled" | "skipped";

export type EngineHost = {
  /** Absolute directories; all exist. `actions` holds the carried action trees, `files` is the engine's own (scripts, command files). */
  readonly places: {
    readonly workspace: string;
    readonly temp: string;
    readonly toolCache: string;
    readonly home: string;
    readonly actions: string;
    readonly files: string;
  };
  /** The Node that runs JavaScript actions (24). */
  readonly node: string;
  /** Environment every step starts from, PATH included. */
  readonly env: Readonly<Record<string, string>>;
  /** For JavaScript and Docker actions alone, as on GitHub: where the cache and artifact services are, and the token for them. */
  readonly services: Readonly<Record<string, string>>;
  /** How Docker is called (`["docker"]`, perhaps with sudo or a host before it), or why it is not there. */
  readonly docker: { readonly argv: readonly string[] } | { readonly missing: string };
  /**
   * Where containers may outlive their job: the label that all of them get, and who is told before the first is made, with the daemon's
   * address (`unix://...`, `tcp://...`) where the client tells it. Left out: nowhere.
   */
  readonly containers?: { readonly label: string; begin(daemon: string | null): void };
  /** Runs a program to its end. `onOutput` gets stdout and stderr in the order they came. Safe to call for several at once. */
  spawn(program: Program): Promise<ProgramEnd>;
  /** Appends text to the log of a step, already free of workflow commands. */
  log(step: number, text: Uint8Array): void;
  event(event: EngineEvent): void;
  /** From now on this value and its encoded forms are masked in all that is logged. */
  mask(value: string): void;
  /** A text as it will be told. What is cut goes through this first: half a secret would not be found any more. */
  masked(text: string): string;
  /** Names that steps cannot set for later steps. */
  isRefusedName(name: string): boolean;
  /**
   * Aborted when the job is cancelled; steps with `always()` or `cancelled()` still run. The host ends no program because of it: the
   * engine does, by `Program.signal`, where the step's condition no longer holds.
   */
  readonly cancelled: AbortSignal;
  /** Epoch milliseconds. */
  now(): number;
};

export type Program = {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Number of the step it belongs to. */
  readonly step: number;
  readonly onOutput: (chunk: Uint8Array) => void;
  readonly timeoutMs?: number;
  /** Ends this program: its step is cancelled, alone or with the job. INT first, then TERM and KILL, as on GitHub. */
  readonly signal?: AbortSignal;
};

export type ProgramEnd = {
  readonly code?: number;
  readonly signal?: string;
  /** It could not be started. */
  readonly error?: string;
  readonly timedOut?: boolean;
};

/** `n` numbers the steps as shown: set-up, the job's own in order, then posts. */
export type EngineEvent =
  | { readonly e: "step"; readonly n: number; readonly name: string; readonly at: "begin" }
  | {
      readonly e: "step";
      readonly n: number;
      readonly name: string;
      readonly at: "end";
      readonly outcome: Outcome;
      readonly conclusion: Outcome;
      readonly code?: number;
      readonly ms: number;
    }
  | { readonly e: "group"; readonly n: number; readonly at: "begin" | "end"; readonly name: string }
  | {
      readonly e: "annotation";
      readonly n: number;
      readonly level: "notice" | "warning" | "failure";
      readonly message: string;
      readonly title?: string;
      readonly path?: string;
      readonly line?: number;
      readonly endLine?: number;
      readonly column?: number;
      readonly endColumn?: number;
    }
  | { readonly e: "summary"; readonly n: number; readonly markdown: string }
  | { readonly e: "note"; readonly text: string };

export type StepResult = {
  readonly n: number;
  readonly id: string | null;
  readonly name: string;
  /** `setup` is what the engine itself does around the steps: setting up, containers, completing. */
  readonly stage: "setup" | "pre" | "main" | "post";
  readonly outcome: Outcome;
  readonly conclusion: Outcome;
  readonly outputs: Readonly<Record<string, string>>;
  readonly ms: number;
};

export type JobResult = {
  readonly conclusion: Outcome;
  readonly steps: readonly StepResult[];
  readonly outputs: Readonly<Record<string, string>>;
  /** What the steps set for whatever comes after them (GITHUB_ENV, GITHUB_PATH). */
  readonly env: Readonly<Record<string, string>>;
  readonly path: readonly string[];
};
