import fc from "fast-check";
import { expect, test } from "vitest";
import { markdown } from "../../demo/github/pages/markdown.ts";

/** Every tag that the renderer may write, with the attributes that it gives. */
const TAGS =
  /<\/?(?:p|pre|code|h[3-6]|hr|ul|ol|li|blockquote|details|summary|table|thead|tbody|tr|td|th|strong|em|del|b|i|kbd|sub|sup|br|a|div)(?: (?:tabindex="0"|open|class="number"|class="scroll"|role="region"|aria-label="Table"|rel="nofollow noopener"|href="(?:https?:\/\/|mailto:|#|\/)[^"<>]*"))*>/gi;
const SIGNS = [
  "<",
  ">",
  "&",
  '"',
  "'",
  "`",
  "*",
  "_",
  "~",
  "[",
  "]",
  "(",
  ")",
  "\\",
  "|",
  "#",
  "-",
  "\n",
  " ",
  "!",
];
const WORDS = [
  "<script>",
  "<img src=x onerror=alert(1)>",
  "javascript:alert(1)",
  "https://a.b/?x=1&y=",
  "```",
  "<code>",
];
const MORE = [
  "</code>",
  "<details>",
  "</details>",
  "<!--",
  "-->",
  "&#60;",
  "&#x3c;",
  "| --- |",
  "> ",
  "1. ",
  "word",
  "@",
  "\u202e",
];
const hostile = fc
  .array(fc.constantFrom(...SIGNS, ...WORDS, ...MORE), { maxLength: 60 })
  .map((parts) => parts.join(""));

test("what comes out is our own tags and escaped text, whatever goes in", () => {
  fc.assert(
    fc.property(hostile, (text) => {
      expect(markdown(text).html.replaceAll(TAGS, "")).not.toMatch(/[<>"]/);
    }),
    { numRuns: 3_000 },
  );
});

/** Quadratic work on 64 KB would take minutes. */
const HOSTILE_WITHIN_MS = 60_000;

test(
  "hostile text costs no more than its length allows",
  () => {
    for (const unit of [
      "[",
      "<details>\n",
      "**a ",
      "`a``",
      "> ",
      "| a ",
      "- x\n",
      "<code>",
      "&#",
      "![](",
      "_a*b",
    ]) {
      const text = unit.repeat(Math.floor(65_536 / unit.length));
      expect(markdown(text).html).not.toBe("");
    }
  },
  HOSTILE_WITHIN_MS,
);

test("comments and reports read as on GitHub", () => {
  const cases: [string, string][] = [
    ["a **b** `c`", "<p>a <strong>b</strong> <code>c</code></p>"],
    ["### Title", "<h3>Title</h3>"],
    ["<!-- marker -->\ntext", "<p>text</p>"],
    ["~~~\n<b>\n~~~", '<pre tabindex="0"><code>&lt;b&gt;</code></pre>'],
    ["````\n```\n````", '<pre tabindex="0"><code>```</code></pre>'],
    ["- a\n- b", "<ul><li>a</li><li>b</li></ul>"],
    ["> quoted", "<blockquote><p>quoted</p></blockquote>"],
    ["[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>"],
    ["[x](//evil.example)", "<p>[x](//evil.example)</p>"],
    ["\\*not\\* snake_case_name", "<p>*not* snake_case_name</p>"],
    ["<code>&#96;a&#124;b&#96;</code>", "<p><code>`a|b`</code></p>"],
  ];
  for (const [text, html] of cases) expect(markdown(text).html).toBe(html);
  expect(markdown("| a | b |\n| --- | ---: |\n| 1 | `2` |").html).toContain(
    '<thead><tr><th>a</th><th class="number">b</th></tr></thead><tbody><tr><td>1</td><td class="number"><code>2</code></td></tr></tbody>',
  );
  expect(markdown("<details><summary>no</summary>").html).toContain("&lt;details&gt;");
  expect(markdown("<details>\n<summary>More</summary>\n\ntext\n\n</details>").html).toBe(
    "<details><summary>More</summary><p>text</p></details>",
  );
});
