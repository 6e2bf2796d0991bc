import { AppError } from "../errors.ts";
import { TASK_VERSION } from "../../runner-bootstrap/boxd/task.ts";

import type { TaskEvent } from "../../runner-bootstrap/boxd/task.ts";
import type { z } from "zod";

/** A journal has one beginning, at its first byte, and it names the task. Throws box_lied. */
export function checkTask(event: TaskEvent | null, id: string, offset: number): void {
  if (event?.e !== "task") throw lied("its journal does not begin with the task");
  if (offset !== 0) throw lied("a second beginning in one journal");
  if (event.v !== TASK_VERSION) throw lied(`version ${event.v} where ${TASK_VERSION} was asked`);
  if (event.id !== id) throw lied("it sent another task's journal");
}

/** What a frame says, by its schema; throws box_lied. `what` names it for people. */
export function parse<T>(schema: z.ZodType<T>, payload: Buffer, what: string): T {
  let value: unknown;
  try {
    value = JSON.parse(payload.toString("utf8"));
  } catch (error) {
    throw lied(`${what} is no JSON`, error);
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw lied(`${what} does not fit its schema`, parsed.error);
  return parsed.data;
}

/** The box said what boxd never says: one clause. */
export function lied(what: string, cause?: unknown): AppError {
  return new AppError(
    "box_lied",
    `The box broke the protocol: ${what}.`,
    "The box is not to be trusted any more: end it, and look at what ran on it.",
    cause,
  );
}
