/** Something wrong in a workflow. GitHub would refuse the file too, or the step could never run. */
export type Fault = {
  readonly path: string;
  /** Both count from 1. */
  readonly line: number;
  readonly column: number;
  /** The line itself, cut around the column when it is long; control characters made visible. */
  readonly excerpt: string;
  /** The key it is about, `jobs.test.steps[2].run`; empty for the file as a whole. */
  readonly key: string;
  /** What was found. */
  readonly message: string;
  /** What is allowed, with "did you mean" where something is near; may be empty. */
  readonly hint: string;
};

/** Faults of one file that are told; more nobody reads. */
export const MAX_FAULTS = 50;

/** A fault for a terminal: place and words, then the line itself. */
export function faultText(fault: Fault): string {
  return `${faultLine(fault)}\n    ${fault.excerpt}`;
}

/** Place and words alone. */
export function faultLine({ path, line, column, key, message, hint }: Fault): string {
  const about = key === "" ? "" : `${key}: `;
  return `${path}:${line}:${column}: ${about}${message}${hint === "" ? "" : ` ${hint}`}`;
}
