/** Why the demo cannot go on: what happened, what to do, and whatever the machine said about it. */
export class DemoError extends Error {
  override readonly name = "DemoError";
  readonly hint: string;
  readonly detail: string;

  constructor(message: string, hint: string, detail = "") {
    super(message);
    this.hint = hint;
    this.detail = detail;
  }
}
