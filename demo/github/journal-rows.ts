/** What broke the contract, and why. */
export type Violation = {
  id: number;
  kind: "request" | "response" | "webhook" | "limit" | "unknown-route" | "crash";
  subject: string;
  detail: string;
  at: string;
};

/** One call that was answered, or not. */
export type RequestEntry = {
  seq: number;
  kind: "api" | "git" | "lfs";
  method: string;
  path: string;
  route: string | null;
  installationId: number | null;
  status: number;
  at: string;
  durationMs: number;
};
