import type { Teller } from "./teller.ts";

/** One JSON object a line, nothing else: events, log chunks, finished check runs. */
export function tellJson(write: (line: string) => void): Teller {
  const line = (value: object): void => write(`${JSON.stringify(value)}\n`);
  return {
    tell: (kind, text, data = {}) =>
      line({ type: "event", event: kind, at: new Date().toISOString(), text, ...data }),
    log: (run, text) => line({ type: "log", run, text }),
    finished: ({ runId, outcome, asApi, facts }) =>
      line({ type: "check_run", run: runId, outcome, check_run: asApi, phases: facts.phases }),
  };
}
