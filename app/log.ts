import pino from "pino";

/** The App's own log: JSON lines on stderr, static messages with metadata. */
export type Log = pino.Logger;

/** Fields that may carry secrets never reach the log, whatever object they came in. */
const REDACTED = [
  "token",
  "authorization",
  "*.token",
  "*.authorization",
  "headers.authorization",
  "req.headers.authorization",
  "privateKey",
  "*.privateKey",
  "webhookSecret",
  "*.webhookSecret",
  "*.syncToken",
  "*.secrets",
  "*.given",
  "*.masks",
  "*.stepSecrets",
];

/** The one logger, from `level` (trace to fatal) up. Writes at once: what was logged before a crash is there. */
export function createLog(level: string): Log {
  return pino(
    { level, redact: { paths: REDACTED, censor: "***" } },
    pino.destination({ dest: 2, sync: true }),
  );
}
