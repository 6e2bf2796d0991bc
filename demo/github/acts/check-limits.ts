import { Failure } from "../http/failure.ts";
import type { Json } from "../model.ts";
import type { CheckRequest } from "./checks.ts";

/** github/docs #35252: documented as characters, held as bytes. */
const OUTPUT_LIMIT_BYTES = 65_535;
/** docs.github.com, "Create a check run": output.annotations, actions. */
const ANNOTATIONS_LIMIT = 50;
const ACTIONS_LIMIT = 3;
const ACTION_CHARS = { label: 20, description: 40, identifier: 20 } as const;
const ANNOTATION_BYTES = { message: 64 * 1024, raw_details: 64 * 1024 } as const;
const ANNOTATION_TITLE_CHARS = 255;

/** Throws GitHub's 422 for an output, annotation or button beyond its limits, or a completion without conclusion. */
export function checkOutput(request: CheckRequest): void {
  const { output, actions } = request;
  for (const field of ["summary", "text"] as const) {
    if (Buffer.byteLength(output?.[field] ?? "") > OUTPUT_LIMIT_BYTES) {
      throw invalid(field, `${field} exceeds a maximum bytesize of ${OUTPUT_LIMIT_BYTES}`);
    }
  }
  const annotations = output?.annotations ?? [];
  tooMany("annotations", annotations.length, ANNOTATIONS_LIMIT);
  for (const annotation of annotations) checkAnnotation(annotation);
  tooMany("actions", actions?.length ?? 0, ACTIONS_LIMIT);
  for (const action of actions ?? []) {
    for (const field of ["label", "description", "identifier"] as const) {
      if (action[field].length > ACTION_CHARS[field]) {
        throw invalid(field, `${field} is too long (maximum is ${ACTION_CHARS[field]} characters)`);
      }
    }
  }
  if (request.status === "completed" && request.conclusion === undefined) {
    throw new Failure(422, "Invalid request.\n\nMissing required `conclusion` when `status` is `completed`.");
  }
}

function checkAnnotation(annotation: Json): void {
  for (const field of ["message", "raw_details"] as const) {
    const limit = ANNOTATION_BYTES[field];
    if (Buffer.byteLength(textOf(annotation[field])) > limit) {
      throw invalid(field, `${field} exceeds a maximum bytesize of ${limit}`);
    }
  }
  if (textOf(annotation["title"]).length > ANNOTATION_TITLE_CHARS) {
    throw invalid("title", `title is too long (maximum is ${ANNOTATION_TITLE_CHARS} characters)`);
  }
  const oneLine = annotation["start_line"] === annotation["end_line"];
  if (!oneLine && (annotation["start_column"] !== undefined || annotation["end_column"] !== undefined)) {
    throw invalid("start_column", "columns belong to annotations of a single line");
  }
}

function tooMany(field: string, count: number, limit: number): void {
  if (count <= limit) return;
  throw new Failure(
    422,
    `Invalid request.\n\nNo more than ${limit} items are allowed; ${count} were supplied.`,
    {
      errors: [{ resource: "CheckRun", code: "custom", field, message: `at most ${limit}` }],
      limit: true,
    },
  );
}

function invalid(field: string, message: string): Failure {
  return new Failure(422, "Validation Failed", {
    errors: [{ resource: "CheckRun", code: "custom", field, message }],
    limit: true,
  });
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
