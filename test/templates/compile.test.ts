import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { AppError } from "../../app/errors.ts";
import { compileHtmlSource, compileMarkdownSource } from "../../app/render/compile.ts";
import { createRenderer, STICKY_MARKER } from "../../app/render.ts";
import { createSiteRenderer } from "../../app/render/site.ts";
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

test("an HTML template with a value unescaped, or a part of a part, is refused", () => {
  const compile = (source: string) => () => compileHtmlSource(source, "x.html.hbs");
  for (const source of ["{{{a}}}", "{{&a}}", "{{~&a}}", "<!-- include a.html.hbs -->"])
    expect(compile(source)).toThrow(/x\.html\.hbs/u);
  expect(compile("{{a}}")).not.toThrow();
  expect(() => compileHtmlSource("{{> other}}", "x.html.hbs")({})).toThrow(/other/u);
});

test("every template is compiled and every view of a run has all its fields", () => {
  const render = createRenderer();
  expect(render.checkRun(checkRunView(ended))).not.toMatch(/undefined|\[object|NaN/u);
  createSiteRenderer();
  const sources = ["render.ts", "render/site.ts"].map(
    (file) => new URL(`../../app/${file}`, import.meta.url),
  );
  const files = readdirSync(DIRECTORY);
  const all = [...sources, ...files.map((file) => new URL(file, DIRECTORY))];
  const text = all.map((file) => readFileSync(file, "utf8")).join("\n");
  for (const file of files)
    expect(text).toMatch(new RegExp(String.raw`"${file}"|<!-- include ${file} -->`, "u"));
  expect(readFileSync(new URL("sticky.md.hbs", DIRECTORY), "utf8").startsWith(STICKY_MARKER)).toBe(true);
});
