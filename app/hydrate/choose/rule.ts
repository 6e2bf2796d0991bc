/** What ends a set-up, as a table: shown in docs/hydration.md and named whenever a cut is shown. */

export type Purpose = "test" | "release" | "deploy" | "upload" | "lint";

export type CommandRule = {
  readonly purpose: Purpose;
  /** As shown to people. */
  readonly label: string;
  /** Asked of a command without `sudo`, assignments and wrappers; must match at its start. */
  readonly pattern: RegExp;
  /** A command that matches this too does something else. */
  readonly unless?: RegExp;
};

export type ActionRule = { readonly purpose: Purpose; readonly label: string; readonly pattern: RegExp };

/** Repetitions in rows are bounded, or hostile text would be tried in every way. Flags and toolchains that may stand between a program and its subcommand. */
export const GAP = String.raw`(?:\s+(?:-\S+|\+\S+)){0,6}\s+`;
/** The word ends here. */
export const END = String.raw`(?=$|[\s:;"')])`;

/** A row; `pattern` and `unless` are regular expressions, the first anchored at the start. */
export function rule(purpose: Purpose, label: string, pattern: string, unless?: string): CommandRule {
  const whole = new RegExp(`^(?:${pattern})`, "u");
  return unless === undefined
    ? { purpose, label, pattern: whole }
    : { purpose, label, pattern: whole, unless: new RegExp(unless, "u") };
}
