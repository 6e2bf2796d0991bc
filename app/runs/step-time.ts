import type { TaskEvent } from "../../runner-bootstrap/boxd/task.ts";

type StepEnd = Extract<TaskEvent, { e: "step"; at: "end" }>;

/** A set-up step as the box told it; one without an end is under way. */
export type StepTime = Pick<StepEnd, "n" | "name"> & Partial<Pick<StepEnd, "outcome" | "conclusion" | "ms">>;
