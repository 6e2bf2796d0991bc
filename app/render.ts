import { CHECK_OUTPUT_MAX_BYTES, COMMENT_MAX_BYTES, clampBytes, utf8Bytes } from "./clamp.ts";
import { compileHtml, compileMarkdown } from "./render/compile.ts";
import type { ErrorPageView, InstalledPageView, LogPageView, SetupPageView } from "./render/page-views.ts";
import type { CheckRunView } from "./runs/report-view.ts";
import type { StickyView } from "./runs/sticky-view.ts";

/** One function a template. Markdown never passes GitHub's byte limits; values are escaped for where they stand. */
export type Renderer = {
  /** A check run's `output.summary`. */
  checkRun(view: CheckRunView): string;
  /** A check run's `output.text`: the log's end. */
  checkRunText(view: CheckRunView): string;
  /** The body of the one comment on a pull request; begins with `STICKY_MARKER`. */
  sticky(view: StickyView): string;
  logPage(view: LogPageView): string;
  errorPage(view: ErrorPageView): string;
  setupPage(view: SetupPageView): string;
  installedPage(view: InstalledPageView): string;
};

/** By this the comment is found again. Nothing a person or a box writes can put it into one of ours. */
export const STICKY_MARKER = "<!-- crabbox:sticky -->";

/** Compiles all templates; throws when one of them would let a value through unescaped. */
export function createRenderer(): Renderer {
  const checkRun = compileMarkdown<CheckRunView>("check-run.md.hbs");
  const checkRunText = compileMarkdown<CheckRunView>("check-run-text.md.hbs");
  const sticky = compileMarkdown<StickyView>("sticky.md.hbs");
  return {
    checkRun: (view) => fitted(checkRun, shrinkCheckRun, view, CHECK_OUTPUT_MAX_BYTES),
    checkRunText: (view) => fitted(checkRunText, () => null, view, CHECK_OUTPUT_MAX_BYTES),
    sticky: (view) => fitted(sticky, shrinkSticky, view, COMMENT_MAX_BYTES),
    logPage: compileHtml<LogPageView>("log-page.html.hbs"),
    errorPage: compileHtml<ErrorPageView>("error-page.html.hbs"),
    setupPage: compileHtml<SetupPageView>("setup-page.html.hbs"),
    installedPage: compileHtml<InstalledPageView>("installed-page.html.hbs"),
  };
}

/** Renders; as long as it is too large, says less. Whole parts go, so that no fence and no table is ever cut. */
function fitted<View>(
  template: (view: View) => string,
  shrink: (view: View) => View | null,
  view: View,
  maxBytes: number,
): string {
  let current = view;
  for (;;) {
    const text = template(current);
    if (utf8Bytes(text) <= maxBytes) return text;
    const smaller = shrink(current);
    if (smaller === null) return clampBytes(text, maxBytes);
    current = smaller;
  }
}

const TOO_LONG = "(too long to be shown here)";

function shrinkCheckRun(view: CheckRunView): CheckRunView | null {
  if (view.results !== null && view.results.failures.length > 5)
    return { ...view, results: { ...view.results, failures: view.results.failures.slice(0, 5) } };
  if (view.artifacts !== null && view.artifacts.rows.length > 0)
    return { ...view, artifacts: { ...view.artifacts, rows: [], notes: [] } };
  if (view.remarks.length > 0) return { ...view, remarks: [] };
  if (view.notes.length > 3) return { ...view, notes: view.notes.slice(0, 3) };
  if (view.byHand !== TOO_LONG) return { ...view, byHand: TOO_LONG };
  if (view.reproduce !== TOO_LONG) return { ...view, reproduce: TOO_LONG };
  return view.notes.length > 0 ? { ...view, notes: [] } : null;
}

function shrinkSticky(view: StickyView): StickyView | null {
  if (view.answers.length > 0) return { ...view, answers: view.answers.slice(0, -1) };
  return view.runs.length > 0 ? { ...view, runs: view.runs.slice(0, -1) } : null;
}
