import { describe, expect, it } from "vitest";
import { MAX_COMMANDS, parseComment, type ParsedCommand } from "../../app/commands/grammar.ts";
import { COMMANDS } from "../../app/commands/table.ts";

function only(body: string): ParsedCommand {
  const { commands } = parseComment(body, COMMANDS);
  expect(commands).toHaveLength(1);
  const [first] = commands;
  if (first === undefined) throw new Error("no command");
  return first;
}

function line(text: string, asked: object = {}, noop = false): object {
  return { kind: "command", verb: "run", value: { command: { kind: "line", text }, asked, noop } };
}

function script(text: string): object {
  return { kind: "command", verb: "run", value: { command: { kind: "script", text } } };
}

describe("a line", () => {
  it.each<readonly [string, object]>([
    ["/crabbox run -- npm test", line("npm test")],
    ["   /crabbox run -- npm test", line("npm test")],
    ["/CRABBOX Run -- npm test", line("npm test")],
    ["hello\r\n/crabbox run -- npm test\r\nbye", line("npm test")],
    ["/crabbox run --  a  b ", line(" a  b ")],
    ["/crabbox run -- a -- b", line("a -- b")],
    ["/crabbox run --\techo", line("echo")],
    [`/crabbox run -- echo "it's" | tee \`x\` && <b>`, line(`echo "it's" | tee \`x\` && <b>`)],
    ["/crabbox run -- echo — “x” ‘y’", line("echo — “x” ‘y’")],
    ["/crabbox run -- echo --class beast", line("echo --class beast")],
    ["/crabbox run --class large -- x", line("x", { class: "large" })],
    ["/crabbox run --class=large --timeout=90s -- x", line("x", { class: "large", timeoutMs: 90_000 })],
    ["/crabbox run —class “large” — x", line("x", { class: "large" })],
    ["/crabbox run –class large – x", line("x", { class: "large" })],
    ["/crabbox run --provider 'my host' -- x", line("x", { provider: "my host" })],
    ["/crabbox run --ttl 2h --idle 0s -- x", line("x", { ttlMs: 7_200_000, idleMs: 0 })],
    ["/crabbox run --noop -- x", line("x", {}, true)],
    ["/crabbox run -- مرحبا", line("مرحبا")],
  ])("%j", (body, expected) => {
    expect(only(body)).toMatchObject(expected);
  });
});

describe("a script", () => {
  it.each<readonly [string, object]>([
    ["/crabbox run\n```\necho 1\necho 2\n```", script("echo 1\necho 2\n")],
    ["/crabbox run\n\n```bash\necho 1\n```\nthanks", script("echo 1\n")],
    ["/crabbox run --\n~~~~\n```\n~~~~", script("```\n")],
    ["/crabbox run\n  ```\n  a\n    b\n  ```", script("a\n  b\n")],
    ["/crabbox run\r\n```\r\necho\r\n```", script("echo\n")],
    ["/crabbox run\n```\n/crabbox stop\n```", script("/crabbox stop\n")],
  ])("%j", (body, expected) => {
    expect(only(body)).toMatchObject(expected);
  });

  it("is not taken when a line was given, or when text stands between", () => {
    expect(only("/crabbox run -- a\n```\nb\n```")).toMatchObject(line("a"));
    expect(only("/crabbox run\nsee:\n```\nb\n```")).toMatchObject({ kind: "fault" });
  });
});

describe("never a command", () => {
  it.each([
    "",
    "LGTM",
    "see /crabbox run -- x",
    "/crabboxes run -- x",
    "//crabbox run",
    "    /crabbox run -- x",
    "\t/crabbox run -- x",
    "> /crabbox run -- x",
    ">/crabbox run -- x",
    "> someone wrote\n/crabbox run -- x",
    "> > deep\n/crabbox run -- x",
    "- > in a list\n  /crabbox run -- x",
    "- /crabbox run -- x",
    "1. /crabbox run -- x",
    "```\n/crabbox run -- x\n```",
    "```sh\n/crabbox run -- x",
    "````\n```\n/crabbox run -- x\n````",
    "~~~\n```\n/crabbox run -- x\n~~~",
    "   ```\n/crabbox run -- x\n   ```",
    "- ```\n  /crabbox run -- x\n  ```",
    "1. ~~~\n   /crabbox run -- x\n   ~~~",
    "`/crabbox run -- x`",
    "a `span\n/crabbox run -- x\nends` here",
    "a ``span ` \n/crabbox run -- x\nends`` here",
    "<!--\n/crabbox run -- x\n-->",
    "<!-- never closed\n/crabbox run -- x",
    "text <!-- \n/crabbox run -- x\n--> text",
    "<pre>\n/crabbox run -- x\n</pre>",
    "<PRE class=x>\n\n/crabbox run -- x\n</pre>",
    "<blockquote>\n/crabbox run -- x\n</blockquote>",
    "# /crabbox run -- x",
    "| /crabbox run -- x |",
  ])("%j", (body) => {
    expect(parseComment(body, COMMANDS)).toEqual({ commands: [], leftOut: 0 });
  });
});

describe("a command after what is none", () => {
  it.each([
    "> quoted\n\n/crabbox run -- x",
    "> ```\n> code\n> ```\n/crabbox run -- x",
    "> # heading\n/crabbox run -- x",
    "```\ncode\n```\n/crabbox run -- x",
    "- ```\n  code\n/crabbox run -- x",
    "<!-- note -->\n/crabbox run -- x",
    "<!--->\n/crabbox run -- x",
    "don`t mind\n/crabbox run -- x",
    "`whole` span\n/crabbox run -- x",
    "\\`escaped\n/crabbox run -- x\n`",
    "one ` here\n\n/crabbox run -- x\n\nand ` there",
    "<pre>code</pre>\n/crabbox run -- x",
    "- item\n/crabbox run -- x",
    "<details>\n\n/crabbox run -- x",
  ])("%j", (body) => {
    expect(only(body)).toMatchObject(line("x"));
  });
});

describe("several commands", () => {
  it("keeps their order and gives each its own script", () => {
    const body = "/crabbox status\n/crabbox run -- echo `a\n/crabbox run\n```\nb\n```\n/crabbox nope";
    expect(parseComment(body, COMMANDS).commands).toMatchObject([
      { kind: "command", verb: "status" },
      line("echo `a"),
      script("b\n"),
      { kind: "fault", verb: null },
    ]);
  });

  it("carries out a bounded number and counts the rest", () => {
    const { commands, leftOut } = parseComment("/crabbox status\n".repeat(200), COMMANDS);
    expect(commands).toHaveLength(MAX_COMMANDS);
    expect(leftOut).toBe(200 - MAX_COMMANDS);
  });
});
