import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { AppError } from "../../app/errors.ts";
import { compileMarkdownSource } from "../../app/render/compile.ts";
import { createRenderer, STICKY_MARKER } from "../../app/render.ts";
import { checkRunView } from "../../app/runs/report-view.ts";
import { ended } from "./sample.ts";

const DIRECTORY = new URL("../../templates/", import.meta.url);

describe("a Markdown template", () => {
  test.each([
    "{{name}}",
    "a {{#if x}}{{name}}{{/if}}",
    "{{#each x}}{{.}}{{else}}{{y}}{{/each}}",
    "{{{name}}}",
    "{{text}}",
    "{{> part}}",
  ])("%s is refused: no helper says where the value stands", (source) => {
    expect(() => compileMarkdownSource(source, "sample")).toThrow(AppError);
  });

  test.each([
    "{{text name}}",
    "{{#if name}}x{{/if}}",
    "{{#unless name}}x{{/unless}}",
    "{{#each name}}x{{/each}}",
    "{{fence name}}",
    "{{own name}}",
  ])("%s throws when the value is missing", (source) => {
    expect(() => compileMarkdownSource<object>(source, "sample")({})).toThrow(AppError);
  });

  test("a link that is no http address throws", () => {
    const template = compileMarkdownSource<{ url: string }>("x {{link 'y' url}}", "sample");
    expect(template({ url: "https://a.example/b_(c)" })).toBe("x [y](https://a.example/b_%28c%29)\n");
    expect(() => template({ url: "javascript:alert(1)" })).toThrow(AppError);
  });
});

test("an HTML page escapes what it is given and throws on what it is not", () => {
  const render = createRenderer();
  const page = render.errorPage({ assets: "../assets/x", status: 404, message: "<script>\"'&", hint: "h" });
  expect(page).toContain("&lt;script&gt;&quot;&#x27;&amp;");
  expect(page).not.toContain("<script>");
  const hole: object = { assets: "x", status: 404, message: "m" };
  expect(() => render.errorPage(hole as Parameters<typeof render.errorPage>[0])).toThrow(/hint/u);
});

test("every template is compiled and every view of a run has all its fields", () => {
  const render = createRenderer();
  expect(render.checkRun(checkRunView(ended))).not.toMatch(/undefined|\[object|NaN/u);
  const source = readFileSync(new URL("../../app/render.ts", import.meta.url), "utf8");
  for (const file of readdirSync(DIRECTORY)) expect(source).toContain(`"${file}"`);
  expect(readFileSync(new URL("sticky.md.hbs", DIRECTORY), "utf8").startsWith(STICKY_MARKER)).toBe(true);
});
