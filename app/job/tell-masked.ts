import { maskAll } from "../../runner-bootstrap/boxd/mask/mask-all.ts";
import type { JobResult } from "../../runner-bootstrap/boxd/steps/host.ts";
import type { Teller } from "./tell.ts";

/**
 * The same listener, told everything with secrets masked by `mask`. What jobs hand to one another never comes this way, so they have the
 * real values. `said` is masked by the host that says it, for a log's chunk may end within a secret.
 */
export function tellMasked(teller: Teller, mask: (text: string) => string): Teller {
  return {
    begin: (job, name) => teller.begin(job, mask(name)),
    said: teller.said,
    end: (job, matrix, result) =>
      teller.end(job, matrix === null ? null : maskAll(matrix, mask), maskedResult(result, mask)),
    note: (text) => teller.note(mask(text)),
  };
}

/** Without what is never told: the environment that steps left. */
function maskedResult({ conclusion, steps, outputs }: JobResult, mask: (text: string) => string): JobResult {
  return {
    conclusion,
    // Conclusions are words of ours, also when a secret is the same word.
    steps: steps.map((step) => ({ ...step, name: mask(step.name), outputs: maskAll(step.outputs, mask) })),
    outputs: maskAll(outputs, mask),
    env: {},
    path: [],
  };
}
