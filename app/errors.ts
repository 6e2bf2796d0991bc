/** The catalogue: every code the App may answer with, its HTTP status. A code is never reused for another meaning. */
export const ERROR_CODES = {
  bad_settings: 500,
  bad_request: 400,
  bad_signature: 401,
  not_logged_in: 401,
  not_allowed: 403,
  not_found: 404,
  conflict: 409,
  too_large: 413,
  delivery_conflict: 409,
  illegal_change: 500,
  claim_lost: 500,
  store_locked: 503,
  store_failed: 500,
  disk_full: 507,
  draining: 503,
  busy: 503,
  github_failed: 502,
  github_refused: 502,
  github_limited: 503,
  github_gone: 410,
  ssh_failed: 502,
  host_key_changed: 502,
  box_unusable: 502,
  box_lied: 502,
  box_full: 502,
  link_lost: 502,
  task_refused: 502,
  task_unknown: 502,
  action_unusable: 422,
  over_cap: 402,
  internal: 500,
} as const satisfies Record<string, number>;

export type ErrorCode = keyof typeof ERROR_CODES;

/**
 * The one error class: `message` says what happened, `hint` what to do. People see those two; operators also see the cause.
 * Never put a secret into either.
 */
export class AppError extends Error {
  override readonly name = "AppError";
  readonly code: ErrorCode;
  readonly hint: string;

  constructor(code: ErrorCode, message: string, hint: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.hint = hint;
  }

  /** HTTP status of the code. */
  get status(): number {
    return ERROR_CODES[this.code];
  }
}

/** Any thrown value as an AppError; what is not one becomes `internal` with the original as cause. */
export function toAppError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  return new AppError(
    "internal",
    "Something inside the App failed.",
    "See the App's log for the cause.",
    thrown,
  );
}
