export type HydrateStep = {
  /** Shown in the check; unique within the phase. */
  readonly name: string;
  /** A bash script, run as `bash --noprofile --norc -e -o pipefail FILE` (or `sh -e FILE`). */
  readonly run: string;
  readonly shell: "bash" | "sh";
  /** Relative to the work tree. */
  readonly workingDirectory: string;
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
};

/** Scripts alone, as planned until the engine's plans take their place. */
export type ScriptPhase = {
  readonly steps: readonly HydrateStep[];
  readonly fingerprint: string;
};
