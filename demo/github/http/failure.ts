import type { Json } from "../model.ts";

/** An answer other than success, in GitHub's shape: message, documentation_url, and errors when a field is at fault. */
export class Failure extends Error {
  readonly status: number;
  readonly errors: readonly Json[] | null;
  readonly headers: Record<string, string>;
  /** One of GitHub's limits was crossed: tests count these. */
  readonly limit: boolean;

  constructor(
    status: number,
    message: string,
    more: { errors?: readonly Json[]; headers?: Record<string, string>; limit?: true } = {},
  ) {
    super(message);
    this.name = "Failure";
    this.status = status;
    this.errors = more.errors ?? null;
    this.headers = more.headers ?? {};
    this.limit = more.limit ?? false;
  }
}

/** The body that GitHub sends with this failure. */
export function failureBody(failure: Failure): Json {
  return {
    message: failure.message,
    ...(failure.errors === null ? {} : { errors: failure.errors }),
    documentation_url: "https://docs.github.com/rest",
    status: String(failure.status),
  };
}

/** GitHub hides what the caller may not see behind the same words as what does not exist. */
export function notFound(): Failure {
  return new Failure(404, "Not Found");
}
