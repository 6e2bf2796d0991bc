import { z } from "zod";

import {
  FAILURES_MAX,
  FAILURE_MESSAGE_MAX,
  FAILURE_NAME_MAX,
  RESULT_NOTES_MAX,
  RESULT_NOTE_MAX,
} from "../../runner-bootstrap/boxd/results/result-events.ts";
import { isTreePath } from "./tree-path.ts";

/** The journal masks once more, which may make a text longer than it was. */
const MASKED = 4;
const FORMATS_MAX = 3;
const PATH_MAX = 1_024;

const count = z.int().min(0);

/** Counts of tests as a box tells them. */
export const resultsEvent = z.object({
  e: z.literal("results"),
  from: z.enum(["files", "output"]),
  formats: z.array(z.enum(["junit", "tap", "go"])).max(FORMATS_MAX),
  files: count,
  passed: count,
  failed: count,
  skipped: count,
  notes: z.array(z.string().max(RESULT_NOTE_MAX * MASKED)).max(RESULT_NOTES_MAX),
});

/** One failed test; its place is one within a work tree, or the whole event is a lie. */
export const failureEvent = z.object({
  e: z.literal("failure"),
  i: count.max(FAILURES_MAX - 1),
  name: z.string().max(FAILURE_NAME_MAX * MASKED),
  message: z.string().max(FAILURE_MESSAGE_MAX * MASKED),
  path: z.string().max(PATH_MAX).refine(isTreePath).exactOptional(),
  line: count.min(1).exactOptional(),
});
