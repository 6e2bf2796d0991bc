import { afterAll, beforeAll, expect, test } from "vitest";
import type { CheckRunView } from "../../demo/github/control/contract.ts";
import { openStage, type Stage } from "../servers/stage.ts";

/** GitHub's limit of a check run's summary and of its text. */
const FIELD_MAX_BYTES = 65_535;
/** The fence around the log: more backticks than the log has in a row. */
const FENCED = /\n(`{3,}|~{3,})[a-z]*\n([\s\S]*?)\n\1(?:\n|$)/u;
const EVERY_FENCE = new RegExp(FENCED, "gu");

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

/** What people see of the log; the same fence that opens it closes it, and nothing hostile stands outside. */
function logOf(check: CheckRunView): string {
  const text = check.output.text ?? "";
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(FIELD_MAX_BYTES);
  const found = FENCED.exec(`\n${text}`);
  if (found === null) throw new Error(`no fence in: ${text.slice(0, 500)}`);
  const outside = `\n${text}`.replace(found[0], "");
  expect(outside).not.toMatch(/<\/?details>|@everyone/u);
  return found[2] ?? "";
}

const shell = (script: string) => stage.run(`/crabbox run -- ${script}`);

test("NUL, colours and marks that turn text around reach nobody", async () => {
  const log = logOf(await shell(String.raw`printf 'a\0b\n\033[31mred\033[0m\n\u202eevil\u2066\nend\n'`));
  // eslint-disable-next-line no-control-regex -- these are what is looked for
  expect(log).not.toMatch(/[\0\u001B\u202A-\u202E\u2066-\u2069]/u);
  expect(log).toContain("red");
  expect(log).toContain("evil");
  expect(log).toContain("end");
});

test("output that closes details, mentions people and opens fences stays in its fence", async () => {
  const check = await shell(
    String.raw`printf '</details>\n@everyone hello\n\140\140\140\n# title\n\140\140\140\140\140\n~~~\nlast\n'`,
  );
  const log = logOf(check);
  expect(log).toContain("# title");
  expect(log).toContain("last");
  const outsideFences = `\n${check.output.summary ?? ""}`.replace(EVERY_FENCE, "\n");
  expect(outsideFences).toContain("**By hand**");
  expect(outsideFences).not.toMatch(/<\/details>|@everyone/u);
});

test("hostile text in the command itself does not leave its place either", async () => {
  const check = await shell("echo '</details> | @everyone ``` <img src=x>' # | x");
  expect(check.conclusion).toBe("success");
  const summary = check.output.summary ?? "";
  const row = summary.split("\n").find((line) => line.startsWith("| Command |"));
  expect(row).toBeDefined();
  // A table's cell ends at a bar that is not escaped: the command's own bars must not.
  expect(row?.match(/(?<!\\)\|/gu)).toHaveLength(3);
});

test("bytes that are no UTF-8 become marks, the rest stays", async () => {
  const log = logOf(await shell(String.raw`printf 'before \xff\xfe\xc3\x28 after\n'`));
  expect(log).toContain("before ");
  expect(log).toContain(" after");
  expect(log).toContain("\uFFFD");
});

test("a line of 50 MB ends in a report of the usual size, with the log's own size said", async () => {
  const check = await shell("head -c 52428800 /dev/zero | tr '\\0' x; echo; echo the end");
  expect(check.conclusion).toBe("success");
  const log = logOf(check);
  expect(log).toContain("the end");
  expect(log).toMatch(/\d{8} bytes before this/u);
});

test("a character is never cut in half where the report is", async () => {
  const check = await shell("yes 🦀🦀🦀🦀🦀🦀🦀🦀 | head -n 20000");
  expect(logOf(check)).not.toContain("\uFFFD");
  expect(logOf(check)).toContain("🦀");
});
