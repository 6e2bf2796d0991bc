import { keyRows } from "../schema-table.ts";
import { repoConfigSchema } from "./json-schema.ts";
import { MAX_FILE_BYTES } from "./parse.ts";
import { CONFIG_PATH } from "./read.ts";

/** The file that the page shows; a test reads it. */
export const EXAMPLE = `defaults: { class: standard, timeout: 20m }
env: [NODE_ENV]                       # of what the server's settings give
commands:                             # /crabbox run unit
  unit: { run: npm test }
  e2e:
    run: |
      npm run build
      npm run e2e
    class: large
    timeout: 1h
who: { role: write, teams: [platform] }
forks: { policy: approve }
concurrency: { mode: cancel-previous }
auto:
  unit:                               # the check "crabbox / unit"
    command: unit
    merge: true                       # test the merge with the base branch
    paths: ["**", "!docs/**", "!*.md"]
    draft: skip
  e2e:
    command: e2e
    on: label
    label: full tests
`;

/** `docs/crabbox-yml.md`: what the file is for, and every key, made from the schema itself. */
export function repoConfigMarkdown(): string {
  return `# .github/crabbox.yml

What a repository says about its own runs. The file is read from the **default branch**, at its tip when a command is accepted, whatever a pull
request changes in it. It can only **narrow** what the server's settings allow: a larger time limit is cut, and a provider, class or variable
that the server does not offer is a fault. Without the file everything is as the settings say, and nothing starts by itself.

\`\`\`yaml
# yaml-language-server: $schema=crabbox-yml.schema.json
${EXAMPLE}\`\`\`

## What it does

- **Named commands.** \`/crabbox run unit\` runs what \`commands.unit\` says; flags of the comment go before its options, those before \`defaults\`. Its
  check is \`crabbox / command: unit\`.
- **Automatic runs.** Each entry of \`auto\` has one check, \`crabbox / NAME\`, which no comment can make, so a branch rule can require it. A push starts
  it on pull requests of the repository's own branches (opened, pushed to, reopened, ready for review); a label when somebody with write
  access, asked of GitHub at that moment, puts it. What is not to run is reported all the same: by paths or as a draft as **skipped**, which
  lets a required check pass, with the reason. *Re-run* (and \`/crabbox retry\`) runs what the default branch says of the entry at that moment.
- **Set-up.** \`hydrate\` names the workflow and job whose steps prepare the box, a combination of its matrix, and with \`needs: true\` lets the jobs
  it waits for run first ([hydration.md](hydration.md)). Flags of a comment that name a job go in its stead; \`--matrix\` and \`--needs\` alone add to it.
- **Forks and Dependabot.** Their runs are held until a writer approves the very commit, or refused by \`forks.policy: never\`.
- **\`merge: true\`** tests the merge commit that GitHub makes of exactly this head and the base branch's tip; the check hangs at the head. A
  conflict, or a merge that GitHub has not made after some seconds, is a failed check that says so.
- **Paths.** In order, the last pattern that matches counts: \`*\` and \`?\` within a folder, \`**\` across folders, \`!\` before one leaves out. GitHub
  lists at most 3,000 changed files; where those do not tell, the check runs.
- **Keep.** Before each task everything that is not tracked goes, but for dependencies at the top of the tree and what \`keep\` names ([sync.md](sync.md)).
  Name what your set-up makes elsewhere and your commands need; build output that is kept may be an older commit's.
- **Results.** Where commands leave the results of their tests: [results.md](results.md).
- **Artifacts.** \`artifacts: [coverage, "logs/*.txt"]\` keeps files that a command leaves, also when it fails ([results.md](results.md)).
- **Concurrency** is by pull request and check. \`queue\` lets a new run wait for the older ones, \`cancel-previous\` ends them. A push always cancels
  what still waits for an older commit.
- **Who.** \`who\` says who may start, repeat, approve and prolong; everybody with write access may still cancel, stop and ask.

## When it is wrong

Nothing is run by a broken file. Commands are answered with the first fault and a link to its line; a pull request that changes the file gets a
check \`crabbox.yml\` of its own with every fault as an annotation on its line, and so does every push while the default branch's file is broken.
Before pushing: \`npx crabbox-app config check ${CONFIG_PATH}\` (\`--settings FILE\` also checks it against a server's settings, \`--json\` for tools).
Files over ${MAX_FILE_BYTES / 1024} KiB, deep nesting and bombs of anchors are refused.

## Every key

This page is made by \`npx crabbox-app schema --repo-config --markdown\`; a test holds it to the schema. Editors check the file with
[crabbox-yml.schema.json](crabbox-yml.schema.json) (\`npx crabbox-app schema --repo-config\`). Durations are written \`90s\`, \`30m\`, \`2h\` or \`1d\`.

| key | value | default | meaning |
| --- | --- | --- | --- |
${keyRows(repoConfigSchema(), true).join("\n")}
`;
}
