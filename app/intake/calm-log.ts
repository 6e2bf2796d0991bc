import type { Clock } from "../clock.ts";
import type { AppError } from "../errors.ts";
import type { Log } from "../log.ts";

/** Strangers can make the door refuse as often as they like: so many lines a minute, then one line with the count. */
const LINES_PER_MINUTE = 20;
const MINUTE_MS = 60_000;

export type CalmLog = {
  /** One line without any payload, or only a count. */
  refused(error: AppError, about: { readonly guid: string; readonly from: string }): void;
};

/** Writes refusals without letting them flood the log. */
export function createCalmLog(clock: Clock, log: Log): CalmLog {
  let minuteAt = 0;
  let lines = 0;
  let unsaid = 0;
  return {
    refused(error, about) {
      const now = clock.now();
      if (now - minuteAt >= MINUTE_MS) {
        if (unsaid > 0) log.warn({ unsaid }, "more deliveries were refused without a line each");
        minuteAt = now;
        lines = 0;
        unsaid = 0;
      }
      lines += 1;
      if (lines > LINES_PER_MINUTE) {
        unsaid += 1;
        return;
      }
      const ours = error.status >= 500 && error.code !== "draining" && error.code !== "busy";
      if (ours) log.error({ code: error.code, ...about, err: error }, "delivery not stored");
      else log.warn({ code: error.code, ...about }, "delivery refused");
    },
  };
}
