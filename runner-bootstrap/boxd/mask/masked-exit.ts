import type { TaskExit } from "../task.ts";
import type { Masker } from "./masker.ts";

/** The exit record with those texts masked that steps and tools have a hand in; the rest are words of ours, and stay. */
export function maskedExit(
  { error, step, job, ...exit }: TaskExit,
  { text }: Pick<Masker, "text">,
): TaskExit {
  return {
    ...exit,
    ...(error === undefined ? {} : { error: text(error) }),
    ...(step === undefined ? {} : { step: text(step) }),
    ...(job === undefined ? {} : { job: text(job) }),
  };
}
