export type CheckConclusion =
  | "action_required"
  | "cancelled"
  | "failure"
  | "neutral"
  | "success"
  | "skipped"
  | "timed_out";

/** What a check shows. The caller keeps GitHub's limits: summary and text 65,535 bytes each, three actions. */
export type CheckContent = {
  readonly status: "queued" | "in_progress" | "completed";
  /** With `completed` only. */
  readonly conclusion?: CheckConclusion;
  readonly detailsUrl?: string;
  /** Epoch ms. */
  readonly startedAt?: number;
  /** Epoch ms. */
  readonly completedAt?: number;
  readonly output: {
    readonly title: string;
    readonly summary: string;
    readonly text?: string;
    /** At most 50 a call; an update adds, it never replaces. */
    readonly annotations?: readonly CheckAnnotation[];
  };
  readonly actions?: readonly {
    readonly label: string;
    readonly description: string;
    readonly identifier: string;
  }[];
};

/** A remark on one line of a file. Plain text; GitHub allows 64 KB of message and 255 characters of title. */
export type CheckAnnotation = {
  readonly path: string;
  /** Counts from 1. */
  readonly line: number;
  /** Absent: `line`. */
  readonly endLine?: number;
  /** Only of a remark on one line. */
  readonly column?: number;
  /** Absent: a failure. */
  readonly level?: "notice" | "warning" | "failure";
  readonly title: string;
  readonly message: string;
};

/** The output as GitHub takes it. */
export function outputOf({ annotations, ...output }: CheckContent["output"]) {
  if (annotations === undefined) return output;
  return {
    ...output,
    annotations: annotations.map(({ path, line, endLine, column, level, title, message }) => ({
      path,
      start_line: line,
      end_line: endLine ?? line,
      ...(column === undefined ? {} : { start_column: column, end_column: column }),
      annotation_level: level ?? "failure",
      title,
      message,
    })),
  };
}

/** The body of a call that creates or updates a check run. */
export function bodyOf(content: CheckContent) {
  return {
    status: content.status,
    output: outputOf(content.output),
    ...(content.conclusion === undefined ? {} : { conclusion: content.conclusion }),
    ...(content.detailsUrl === undefined ? {} : { details_url: content.detailsUrl }),
    ...(content.startedAt === undefined ? {} : { started_at: new Date(content.startedAt).toISOString() }),
    ...(content.completedAt === undefined
      ? {}
      : { completed_at: new Date(content.completedAt).toISOString() }),
    ...(content.actions === undefined ? {} : { actions: content.actions.map((action) => ({ ...action })) }),
  };
}
