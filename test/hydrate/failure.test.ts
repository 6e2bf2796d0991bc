import { expect, it } from "vitest";

import { failureOf } from "../../runner-bootstrap/boxd/steps/failure.ts";
import type { JobResult, StepResult } from "../../runner-bootstrap/boxd/steps/host.ts";

const CANCELED = "The operation was canceled.";

function told(isCancelled: boolean, stage: StepResult["stage"], message?: string) {
  const step: StepResult = {
    n: 1,
    id: null,
    name: "it",
    stage,
    outcome: "cancelled",
    conclusion: "cancelled",
    outputs: {},
    ms: 1,
  };
  const result: JobResult = { conclusion: "cancelled", steps: [step], outputs: {}, env: {}, path: [] };
  const host = {
    cancelled: isCancelled ? AbortSignal.abort() : new AbortController().signal,
    reasonOf: () => (message === undefined ? {} : { message }),
  };
  return failureOf(host, result, 0);
}

it("a job over its own time is not told as cancelled, whatever it was about", () => {
  expect(told(false, "main", CANCELED)).toEqual({
    step: "it",
    error: `the job's time was over; ${CANCELED}`,
  });
  expect(told(false, "main")).toEqual({ error: "the job's time was over" });
  const words = "the job's time was over; not healthy: service db";
  expect(told(false, "setup", words)).toEqual({ step: "it", error: words });
});

it("a job that was cancelled is told in the words of its step", () => {
  expect(told(true, "main", CANCELED)).toEqual({ step: "it", error: CANCELED });
  expect(told(true, "main")).toEqual({ error: "the job's conclusion is cancelled" });
});
