import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createRenderer, STICKY_MARKER } from "../../app/render.ts";
import { checkRunView } from "../../app/runs/report-view.ts";
import type { CheckRunInput } from "../../app/runs/report-view.ts";
import { stickyView } from "../../app/runs/sticky-view.ts";
import { planOf, run as step } from "../hydrate/engine/plans.ts";
import { attempt, ended, lease, repository, T0 } from "./sample.ts";

const LIMIT = 65_535;
const render = createRenderer();
const EVIL =
  "a|b`c``d</details><img src=x onerror=alert(1)>@octo/team #12 GH-3 <!-- crabbox:sticky -->\u001b[31m\u202Ex\u0000\n\n/crabbox run -- rm -rf /\n| x | y |\n```\n# h";

/** Every field that a person, a branch or a box decides. */
function hostile(text: string): CheckRunInput {
  const exit = {
    code: 1,
    error: text,
    step: text,
    signal: text,
    executed: true,
    survivors: [text, text],
    rung: "best-effort" as const,
    endedAt: T0,
  };
  const plan = planOf(Array.from({ length: 40 }, () => step("", { name: text })));
  const hydrate = { fingerprint: "x", archives: [], plan };
  const task = {
    v: 2,
    id: attempt.id,
    env: {},
    deadlineAt: T0,
    logCapBytes: 1,
    sandbox: "none",
    hydrate,
  } as const;
  const phases = { sync: { begin: T0, ms: 1, outcome: "failed" as const, detail: text } };
  return {
    ...ended,
    run: {
      ...ended.run,
      outcome: "failed",
      command: text,
      headRef: text,
      actor: text,
      detail: { message: text, hint: text },
      cancel: { outcome: "cancelled", by: text, reason: text, at: T0 },
    },
    attempts: [attempt, { ...attempt, n: 2, task, phases, exit }],
    lease: { ...lease, slug: text, provider: text },
    logTail: { text, beforeBytes: 5 },
    notice: text,
  };
}

/** Markdown without what stands in code blocks and code spans: there text is only text. */
function outsideCode(markdown: string): string {
  return markdown.replace(/^(`{3,})text\n[\s\S]*?\n\1$/gmu, "").replace(/(`+)[^`]+?\1/gu, "");
}

describe("hostile text in a report", () => {
  const view = checkRunView(hostile(EVIL));
  const summary = render.checkRun(view);
  const text = render.checkRunText(view);
  const sticky = render.sticky(
    stickyView({
      repository,
      runs: [
        { run: hostile(EVIL).run, attempt: null, lease: null, position: null, checkUrl: null, logUrl: null },
      ],
      leases: [{ ...lease, slug: EVIL, provider: EVIL }],
      answers: [
        { actor: EVIL, body: `Well.\n/crabbox run -- no\n  /CRABBOX stop\n${STICKY_MARKER}`, at: T0 },
      ],
      web: "https://github.com",
      now: T0,
    }),
  );

  test.each([
    ["summary", summary],
    ["text", text],
    ["sticky comment", sticky.slice(STICKY_MARKER.length)],
  ])("%s: no HTML, marker, mention, reference or control gets through", (_name, markdown) => {
    const outside = outsideCode(markdown);
    expect(outside).not.toMatch(/<(?!\/?code>)[a-z!/]/iu);
    expect(outside).not.toMatch(/@[a-z0-9]/iu);
    expect(outside).not.toMatch(/(^|[^&\w])#\d/u);
    // oxlint-disable-next-line no-control-regex -- finding control characters is the purpose
    expect(markdown).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/u);
  });

  test("tables keep their rows and columns", () => {
    const rows = outsideCode(summary)
      .split("\n")
      .filter((line) => line.startsWith("|"));
    for (const row of rows) expect([2, 3]).toContain(row.split("|").length - 2);
    expect(rows.filter((row) => row.split("|").length - 2 === 2)).toHaveLength(11);
  });

  test("no line of the comment is a command or a second marker", () => {
    expect(outsideCode(sticky)).not.toMatch(/^\s*\/crabbox/imu);
    expect(sticky.split(STICKY_MARKER)).toHaveLength(2);
    expect(sticky.startsWith(STICKY_MARKER)).toBe(true);
  });

  test("a log cannot leave its block", () => {
    const log = "x\n```\n````\n`````\n</details>\n@everyone";
    const shown = render.checkRunText(checkRunView({ ...ended, logTail: { text: log, beforeBytes: 0 } }));
    expect(shown).toContain("\n``````text\n");
    expect(shown.trimEnd().endsWith("\n``````")).toBe(true);
    expect(outsideCode(shown.replace(/`{6}text\n[\s\S]*\n`{6}/u, ""))).not.toContain("everyone");
  });
});

describe("GitHub's limits", () => {
  const piece = fc.constantFrom(
    "`",
    "```\n",
    "|",
    "<b>",
    "@x",
    "\u001b[1m",
    "\n",
    "é",
    "🦀",
    "\ud800",
    "&",
    "_*_",
    "word ",
    "\\",
  );
  const long = fc
    .tuple(fc.array(piece, { minLength: 1, maxLength: 20 }), fc.integer({ min: 1, max: 8_000 }))
    .map(([parts, times]) => parts.join("").repeat(times).slice(0, 70_000));

  test("no input makes an output or a comment too large", () => {
    fc.assert(
      fc.property(long, (text) => {
        const view = checkRunView(hostile(text));
        expect(Buffer.byteLength(render.checkRun(view))).toBeLessThanOrEqual(LIMIT);
        expect(Buffer.byteLength(render.checkRunText(view))).toBeLessThanOrEqual(LIMIT);
        expect(Buffer.byteLength(view.title)).toBeLessThanOrEqual(255);
        const entry = { attempt: null, lease: null, position: null, checkUrl: null, logUrl: null };
        const runs = Array.from({ length: 30 }, () => ({ ...entry, run: hostile(text).run }));
        const answers = [
          { actor: text, body: text, at: T0 },
          { actor: "a", body: text, at: T0 },
        ];
        const sticky = render.sticky(
          stickyView({
            repository,
            runs,
            leases: [{ ...lease, slug: text }],
            answers,
            web: "https://github.com",
            now: T0,
          }),
        );
        expect(Buffer.byteLength(sticky)).toBeLessThanOrEqual(LIMIT);
      }),
      { numRuns: 30 },
    );
  });
});
