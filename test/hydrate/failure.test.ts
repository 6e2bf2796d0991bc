import { expect, it } from "vitest";

import { failureOf } from "../../runner-bootstrap/boxd/steps/failure.ts";
import type { JobResult, StepResult } from "../../runner-bootstrap/boxd/steps/host.ts";

const CANCELED = "The operation was canceled.";

function told(isCancelled: boolean, stage: StepResult["stage"], message?: string, name = "it") {
  const step: StepResult = {
    n: 1,
    id: null,
    name,
    stage,
    outcome: "cancelled",
    conclusion: "cancelled",
    outputs: {},
    ms: 1,
  };
  const result: JobResult = { conclusion: "cancelled", steps: [step], outputs: {}, env: {}, path: [] };
  const host = {
    cancelled: isCancelled ? AbortSignal.abort() : new AbortController().signal,
    masked: (text: string) => text.replaceAll("hunter22", "***"),
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

it("a secret in a step's name or in its words is masked before they are cut", () => {
  expect(told(true, "main", "it broke: hunter22", "Sign in as hunter22")).toEqual({
    step: "Sign in as ***",
    error: "it broke: ***",
  });
  const long = `${"x".repeat(997)}hunter22`;
  expect(told(true, "main", long, `${"x".repeat(197)}hunter22`)).toEqual({
    step: `${"x".repeat(197)}***`,
    error: `${"x".repeat(997)}***`,
  });
});
