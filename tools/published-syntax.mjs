// Prints test/hydrate/syntax/published-keys.json: what GitHub publishes of its workflow syntax, as names only.
// Usage: node tools/published-syntax.mjs LANGUAGESERVICES.git RUNNER.git > test/hydrate/syntax/published-keys.json, then oxfmt on it.
import { execFileSync } from "node:child_process";

const [languageServices, runner] = process.argv.slice(2);
if (languageServices === undefined || runner === undefined) {
  process.stderr.write("Usage: node tools/published-syntax.mjs LANGUAGESERVICES.git RUNNER.git\n");
  process.exit(2);
}
const git = (dir, ...args) =>
  execFileSync("git", ["--git-dir", dir, ...args], { encoding: "utf8", maxBuffer: 2 ** 26 });
const show = (dir, path) => git(dir, "show", `HEAD:${path}`);
const commitOf = (dir) => git(dir, "rev-parse", "HEAD").trim();

/** What GitHub's reference names and neither repository lists in one place. */
const DOCUMENTED = {
  // Since 2026-09-10; the schema has it not yet.
  workflow: [
    "cache-mode = read write write-only none",
    "jobs.<name>.cache-mode = read write write-only none",
  ],
  contexts: ["needs.<job_id>.outputs", "needs.<job_id>.result"],
  functions: ["success"],
  commands: ["stop-commands"],
  variables: [
    "CI",
    "GITHUB_ACTIONS",
    "RUNNER_ARCH",
    "RUNNER_DEBUG",
    "RUNNER_ENVIRONMENT",
    "RUNNER_NAME",
    "RUNNER_OS",
    "RUNNER_TEMP",
    "RUNNER_TOOL_CACHE",
    "RUNNER_WORKSPACE",
    "ACTIONS_CACHE_MODE",
    "ACTIONS_CACHE_URL",
    "ACTIONS_RESULTS_URL",
    "ACTIONS_RUNTIME_TOKEN",
    "ACTIONS_RUNTIME_URL",
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
    "ACTIONS_ID_TOKEN_REQUEST_URL",
  ],
  shells: ["(none)", "bash", "cmd", "powershell", "pwsh", "python", "sh", "COMMAND {0}"],
};

const workflow = keysOf(
  JSON.parse(show(languageServices, "workflow-parser/src/workflow-v1.0.json")),
  "workflow-root-strict",
);
const action = keysOf(
  JSON.parse(show(languageServices, "workflow-parser/src/action-v1.0.json")),
  "action-root-strict",
);
const described = JSON.parse(
  show(languageServices, "languageservice/src/context-providers/descriptions.json"),
);
const contexts = Object.keys(described.root).flatMap((name) =>
  [name].concat(Object.keys(described[name] ?? {}).map((one) => `${name}.${one}`)),
);
const functions = git(languageServices, "ls-tree", "--name-only", "HEAD", "expressions/src/funcs/")
  .trim()
  .split("\n")
  .filter((path) => !/\.test\.|\/info\.|\.ts\.snap/u.test(path))
  .flatMap((path) =>
    [...show(languageServices, path).matchAll(/name: "(\w+)"/gu)].map(([, name]) =>
      name.replace(/Json$/u, "JSON"),
    ),
  );
const commands = [
  ...show(runner, "src/Runner.Worker/ActionCommandManager.cs").matchAll(/string Command => "([\w-]+)"/gu),
].map(([, name]) => name);
const files = git(runner, "grep", "-hoE", 'ContextName => "[a-z_]+"', "HEAD", "--", "src/Runner.Worker")
  .trim()
  .split("\n")
  .map((line) => `GITHUB_${(/"(\w+)"/u.exec(line)?.[1] ?? "").toUpperCase()}`);
const allowed =
  /_contextEnvAllowlist[^{]*\{([^}]*)\}/u.exec(show(runner, "src/Runner.Worker/GitHubContext.cs"))?.[1] ?? "";
const variables = [...allowed.matchAll(/"(\w+)"/gu)].map(([, name]) => `GITHUB_${name.toUpperCase()}`);

const sorted = (names) => [...new Set(names)].sort(byText);
process.stdout.write(
  `${JSON.stringify(
    {
      sources: {
        "actions/languageservices": commitOf(languageServices),
        "actions/runner": commitOf(runner),
      },
      workflow: [...workflow, ...DOCUMENTED.workflow].sort(byText),
      action,
      contexts: sorted([...contexts, ...DOCUMENTED.contexts]),
      functions: sorted([...functions, ...Object.keys(described.functions), ...DOCUMENTED.functions]),
      commands: sorted([...commands, ...DOCUMENTED.commands]),
      files: sorted(files),
      variables: sorted([...variables, ...DOCUMENTED.variables]).filter((name) => !files.includes(name)),
      shells: DOCUMENTED.shells,
    },
    null,
    2,
  )}\n`,
);

/** Paths of all keys below a definition, with the words that a key may have as its value. */
function keysOf({ definitions }, root) {
  const found = new Map();
  walk(root, "", []);
  return (
    [...found.entries()]
      // Icons and whatever an input of an action is allowed beside its keys say nothing about running.
      .filter(([key]) => key !== "inputs.<name>.<name>")
      .map(([key, words]) =>
        words.length > 0 && key !== "branding.icon" ? `${key} = ${words.join(" ")}` : key,
      )
      .sort(byText)
  );

  function walk(name, path, above) {
    const definition = definitions[name] ?? {};
    const own = [...above, name];
    if (above.includes(name)) return;
    for (const one of definition["one-of"] ?? []) walk(one, path, own);
    if (definition.string?.constant !== undefined || definition["allowed-values"] !== undefined) {
      const words = definition["allowed-values"] ?? [definition.string.constant];
      if (path !== "on") found.get(path).push(...words.filter((word) => !found.get(path).includes(word)));
    }
    if (definition.sequence !== undefined) {
      const item = definition.sequence["item-type"];
      walk(
        item,
        definitions[item]?.mapping || definitions[item]?.["one-of"]?.some((one) => definitions[one]?.mapping)
          ? `${path}[*]`
          : path,
        own,
      );
    }
    if (definition.mapping === undefined) return;
    for (const [key, value] of Object.entries(definition.mapping.properties ?? {})) {
      const at = path === "" ? key : `${path}.${key}`;
      note(at);
      walk(typeof value === "string" ? value : value.type, at, own);
    }
    const loose = definition.mapping["loose-value-type"];
    if (loose === undefined) return;
    const at = `${path}.<name>`;
    note(at);
    walk(loose, at, own);
  }

  function note(at) {
    if (!found.has(at)) found.set(at, []);
  }
}

function byText(a, b) {
  return a < b ? -1 : Number(a > b);
}
