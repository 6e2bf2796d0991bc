import { describe, expect, test } from "vitest";
import { readArguments } from "../../demo/arguments.ts";
import { helpText } from "../../demo/help.ts";
import { OPTIONS } from "../../demo/options.ts";
import { runDemoProcess } from "./demo-process.ts";

const RUN = "/crabbox run -- npm test";
const HOST_KEY = `SHA256:${"a".repeat(43)}`;

describe("wrong options are told, each with what to do", () => {
  const wrong: readonly [string, readonly string[], RegExp, RegExp][] = [
    ["an unknown one", ["--onec"], /no option --onec/, /--once/],
    ["a stray word", ["run"], /"run" belongs to no option/, /quotes/],
    ["a comment without quotes", ["--comment", "/crabbox", "run"], /"run"/, /quotes/],
    ["no value", ["--repo"], /--repo needs a value: --repo PATH/, /--help/],
    ["an option for a value", ["--repo", "--once"], /--repo needs a value/, /--help/],
    ["a value for a switch", ["--once=yes"], /takes no value/, /--help/],
    ["one twice", ["--repo", "a", "--repo", "b"], /twice/, /--help/],
    ["head without repository", ["--head", "x"], /--repo is missing/, /--repo PATH/],
    ["base without repository", ["--base", "x"], /--repo is missing/, /--repo PATH/],
    ["a comment without a command", ["--comment", "hello"], /no line begins with \/crabbox/, /--comment '/],
    ["the second comment", ["--comment", RUN, "--comment", "x"], /number 2/, /--comment/],
    ["a comment too long", ["--comment", `/crabbox ${"x".repeat(65_536)}`], /65536/, /Shorten/],
    ["a variable without a name", ["--env", "=x"], /"=x" names no variable/, /NAME=VALUE/],
    ["a variable that is not here", ["--env", "NOT_HERE"], /no such variable/, /NOT_HERE=VALUE/],
    ["an unknown provider", ["--provider", "podman"], /no provider "podman"/, /static-ssh/],
    ["an image without its provider", ["--image", "x"], /--image belongs/, /--provider docker/],
    ["a host without its provider", ["--host", "a@b:1"], /--host belongs/, /--provider static-ssh/],
    ["a provider without host", ["--provider", "static-ssh"], /needs a host/, /USER@HOST:PORT/],
    [
      "a provider without key",
      ["--provider", "static-ssh", "--host", "a@b"],
      /needs a private key/,
      /--key FILE/,
    ],
  ];
  test.each(wrong)("%s", (_, argv, message, hint) => {
    const read = readArguments(argv);
    expect(read.kind).toBe("wrong");
    if (read.kind !== "wrong") return;
    expect(read.message).toMatch(message);
    expect(read.hint).toMatch(hint);
  });

  test.each(["b", "a@", "@b", "a@b:0", "a@b:65536", "a@b:x", "a@b c"])("host %s", (host) => {
    const read = readArguments(["--provider", "static-ssh", "--key", "k", "--host", host]);
    expect(read).toMatchObject({ kind: "wrong" });
  });

  test("a host key that is no fingerprint", () => {
    const ssh = ["--provider", "static-ssh", "--key", "k", "--host", "a@b"];
    expect(readArguments([...ssh, "--host-key", "MD5:aa"])).toMatchObject({ kind: "wrong" });
    expect(readArguments([...ssh, "--host-key", HOST_KEY])).toMatchObject({
      kind: "go",
      options: { ssh: { user: "a", host: "b", port: 22, keyFile: "k", hostKey: HOST_KEY } },
    });
  });
});

test("what is right is read", () => {
  expect(readArguments([])).toMatchObject({
    kind: "go",
    options: { once: false, comments: null, ssh: null },
  });
  expect(
    readArguments(["--once", "--json", `--comment=${RUN}`, "--comment", "hi\n/crabbox help"]),
  ).toMatchObject({
    options: { once: true, json: true, comments: [RUN, "hi\n/crabbox help"] },
  });
  expect(readArguments(["--repo", "p", "--head=h"])).toMatchObject({
    options: { source: { path: "p", head: "h", base: null } },
  });
  const env = ["--env", "A=b=c", "--env=B=", "--env", "C"];
  expect(readArguments(env, { C: "own" })).toMatchObject({ options: { env: { A: "b=c", B: "", C: "own" } } });
  const ipv6 = ["--provider=static-ssh", "--key=k", "--host=me@[::1]:2222"];
  expect(readArguments(ipv6)).toMatchObject({ options: { ssh: { host: "::1", port: 2222 } } });
});

test("help names every option", () => {
  expect(readArguments(["--frob", "-h"])).toMatchObject({ kind: "wrong" });
  expect(readArguments(["-h"])).toEqual({ kind: "help" });
  for (const { name } of OPTIONS) expect(helpText()).toContain(`--${name}`);
});

test("as a process: wrong options end with 2 on standard error, others with 1", async () => {
  const wrong = await runDemoProcess(["--frob"]);
  expect(wrong).toMatchObject({ code: 2, stdout: "" });
  expect(wrong.stderr).toContain("There is no option --frob.");
  const missing = await runDemoProcess(["--once", "--repo", "/nonexistent/repository"]);
  expect(missing.code).toBe(1);
  expect(missing.stdout).toContain("is not a git repository");
});
