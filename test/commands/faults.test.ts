import { describe, expect, it } from "vitest";
import { parseComment } from "../../app/commands/grammar.ts";
import { helpOn, helpText } from "../../app/commands/help.ts";
import { COMMANDS } from "../../app/commands/table.ts";

function first(body: string) {
  const [command] = parseComment(body, COMMANDS).commands;
  return command;
}

const USAGE = "Usage: `/crabbox run ";

describe("a fault is answered by name", () => {
  it.each<readonly [string, readonly string[]]>([
    ["/crabbox rnu -- x", ["`rnu`", "Did you mean `run`?", "`retry`"]],
    ["/crabbox canel", ["`canel`", "Did you mean `cancel`?"]],
    ["/crabbox frobnicate", ["`frobnicate`", "There are `run`"]],
    ["/crabbox -- npm test", ["verb is missing", "`/crabbox run -- npm test`"]],
    ["/crabbox run --clas large -- x", ["`--clas`", "Did you mean `--class`?", USAGE]],
    ["/crabbox run —clas large — x", ["`--clas`", "Did you mean `--class`?", USAGE]],
    ["/crabbox run -x -- y", ["`-x`", USAGE]],
    ["/crabbox run --class tiny -- x", ["`tiny`", "standard, fast, large, beast", USAGE]],
    ["/crabbox run --class -- x", ["`--class` needs a value", USAGE]],
    ["/crabbox run --class= -- x", ["`--class` needs a value", USAGE]],
    ["/crabbox run --class", ["`--class` needs a value", USAGE]],
    ["/crabbox run --class fast --class large -- x", ["twice", USAGE]],
    ["/crabbox run --noop=yes -- x", ["`--noop` takes no value", USAGE]],
    ["/crabbox run --timeout soon -- x", ["`--timeout` needs a duration", "`soon`", USAGE]],
    ["/crabbox run --timeout 30 -- x", ["`--timeout` needs a duration", "`30`"]],
    ["/crabbox run --timeout 0s -- x", ["`--timeout` needs a duration"]],
    ['/crabbox run --class "large -- x', ['The quote `"`', "never closed", USAGE]],
    ["/crabbox run --class “large -- x", ['The quote `"`', "never closed"]],
    ["/crabbox run", ["There is no command", USAGE]],
    ["/crabbox run --", ["There is no command", USAGE]],
    ["/crabbox run npm test", ["`npm`", "`/crabbox run -- npm test`", USAGE]],
    ["/crabbox run\n```\n\n```", ["empty"]],
    ["/crabbox run\n```\necho", ["never closed"]],
    ["/crabbox run -- a\u0000b", ["U+0000"]],
    ["/crabbox run -- a\u001b[31m", ["U+001B"]],
    ["/crabbox run -- a\u202egpj.exe", ["U+202E"]],
    ["/crabbox run -- a\ud800", ["surrogate"]],
    ["/crabbox run\n```\na\u0007\n```", ["U+0007"]],
    ["/crabbox job", ["Which job?", "Usage: `/crabbox job JOB"]],
    ["/crabbox job a b", ["`b`", "one job a command"]],
    ["/crabbox job a.b", ["`a.b`", "no job's id"]],
    ["/crabbox job a -- make", ["takes no command"]],
    ["/crabbox job a --matrix node", ["`KEY=VALUE`", "`node`"]],
    ["/crabbox job a --matrix =1", ["`KEY=VALUE`"]],
    ["/crabbox job a --matrix n=1 --matrix N=2", ["twice"]],
    ["/crabbox job a --matirx n=1", ["Did you mean `--matrix`?"]],
    ["/crabbox job a --class huge", ["There is no class"]],
    ["/crabbox job a --workflow x --workflow y", ["stands there twice"]],
    [`/crabbox job a --workflow ${"x".repeat(201)}`, ["at most 200"]],
    [
      `/crabbox job a ${Array.from({ length: 21 }, (_nothing, n) => `--matrix k${n}=1`).join(" ")}`,
      ["20 times"],
    ],
    ["/crabbox jbo a", ["Did you mean `job`?"]],
    ["/crabbox status now", ["takes no name"]],
    ["/crabbox status -- x", ["takes no command"]],
    ["/crabbox cancel run_1 run_2", ["`run_2`", "too many"]],
  ])("%j", (body, parts) => {
    const command = first(body);
    if (command?.kind !== "fault") throw new Error(`no fault: ${JSON.stringify(command)}`);
    for (const part of parts) expect(command.message).toContain(part);
  });

  it("repeats hostile text as code only", () => {
    const command = first("/crabbox run --`@all`</details> -- x");
    if (command?.kind !== "fault") throw new Error("no fault");
    expect(command.message).toContain("``--`@all`</details>``");
  });

  it("names the bounds of a line and of its options", () => {
    const line = first(`/crabbox run -- ${"𝒳".repeat(33_000)}`);
    expect(line?.kind === "fault" ? line.message : "").toContain("131071 bytes");
    const words = first(`/crabbox run ${"a ".repeat(100)}-- x`);
    expect(words?.kind === "fault" ? words.message : "").toContain("64 words");
  });

  it("keeps what it repeats short", () => {
    const command = first(`/crabbox ${"x".repeat(60_000)}`);
    if (command?.kind !== "fault") throw new Error("no fault");
    expect(command.message.length).toBeLessThan(500);
  });
});

describe("help", () => {
  it.each<readonly [string, string | null]>([
    ["/crabbox", null],
    ["/crabbox   ", null],
    ["/crabbox --help", null],
    ["/crabbox -h", null],
    ["/crabbox run --help", "run"],
    ["/crabbox run -h -- npm test", "run"],
    ["/crabbox stop --help", "stop"],
  ])("%j", (body, verb) => {
    expect(first(body)).toEqual({ kind: "help", verb });
  });

  it("is made from the table", () => {
    const text = helpText(COMMANDS);
    for (const { verb, usage, summary, flags } of COMMANDS) {
      expect(text).toContain(usage);
      expect(text).toContain(summary);
      const own = helpOn(verb, COMMANDS);
      expect(own.ok).toBe(true);
      for (const flag of flags) expect(own.body).toContain(`--${flag.name}`);
    }
  });

  it("never holds a line that would be a command", () => {
    const texts = [helpText(COMMANDS), ...COMMANDS.map(({ verb }) => helpOn(verb, COMMANDS).body)];
    for (const text of texts) expect(parseComment(text, COMMANDS).commands).toEqual([]);
  });

  it("guesses the verb that was meant", () => {
    const guess = helpOn("statsu", COMMANDS);
    expect(guess.ok).toBe(false);
    expect(guess.body).toContain("Did you mean `status`?");
  });
});
