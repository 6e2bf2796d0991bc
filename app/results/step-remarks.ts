import type { EngineEvent } from "../../runner-bootstrap/boxd/steps/host.ts";
import { clampBytes } from "../clamp.ts";
import { isTreePath } from "./tree-path.ts";

type Annotation = Extract<EngineEvent, { e: "annotation" }>;

/** What a set-up step said by a workflow command or a problem matcher; without a place when the tree has none. */
export type StepRemark = Pick<Annotation, "n" | "level" | "message" | "title" | "path" | "line" | "endLine">;

/** What a set-up step wrote into its summary. */
export type StepSummary = { readonly n: number; readonly markdown: string };

/** Beyond this it is no line of a file, and GitHub would refuse the call with all that is in it. */
const LINE_MAX = 9_999_999;
/** What the row keeps of one attempt; the log has it all. */
const REMARKS_MAX = 50;
const MESSAGE_BYTES = 2_000;
const TITLE_BYTES = 250;
const SUMMARIES_MAX = 10;
const SUMMARY_BYTES = 4_000;

/** Adds one, bounded; what is there already counts once, because a crash may tell events again. */
export function withRemark(known: readonly StepRemark[], event: Annotation): readonly StepRemark[] {
  const remark = remarkOf(event);
  const text = JSON.stringify(remark);
  if (known.length >= REMARKS_MAX || known.some((one) => JSON.stringify(one) === text)) return known;
  return [...known, remark];
}

/** Adds a step's summary; a step has one. */
export function withSummary(
  known: readonly StepSummary[],
  { n, markdown }: Extract<EngineEvent, { e: "summary" }>,
): readonly StepSummary[] {
  if (known.length >= SUMMARIES_MAX || known.some((one) => one.n === n)) return known;
  return [...known, { n, markdown: clampBytes(markdown, SUMMARY_BYTES) }];
}

function remarkOf({ n, level, message, title, path, line, endLine }: Annotation): StepRemark {
  const hasPlace = path !== undefined && isTreePath(path);
  return {
    n,
    level,
    message: clampBytes(message, MESSAGE_BYTES),
    ...(title === undefined ? {} : { title: clampBytes(title, TITLE_BYTES) }),
    ...(hasPlace ? { path } : {}),
    ...(hasPlace && line !== undefined && line <= LINE_MAX ? { line } : {}),
    ...(hasPlace && endLine !== undefined && endLine <= LINE_MAX ? { endLine } : {}),
  };
}
