import { z } from "zod";
import { BOX_CLASSES } from "../../providers/provider.ts";
import { duration } from "./duration-key.ts";
import { artifactKeys } from "./artifact-keys.ts";
import { hydrateKeys } from "./hydrate-keys.ts";
import { keepKeys } from "./keep-keys.ts";
import { resultKeys } from "./result-keys.ts";
import { forbiddenCharacter } from "../plain-text.ts";

/** More of anything in one file is a mistake; each also bounds what one push can start or one reading can cost. */
const MAX_COMMANDS = 50;
const MAX_AUTO = 20;
const MAX_NAMES = 100;
const MAX_PATTERNS = 100;
const MAX_PATTERN_CHARS = 256;
/** GitHub's own limit for the name of a label. */
const MAX_LABEL_CHARS = 50;
const MAX_AT_ONCE = 20;

/** Stands in comments and in names of checks, so it is one plain word. */
const NAME = /^[a-z0-9][a-z0-9._-]{0,39}$/u;

const name = z
  .string()
  .regex(
    NAME,
    "a name is needed: lower-case letters, digits, dots, dashes, underscores; at most 40 characters",
  );

/** As the flags of `/crabbox run`: a task needs a second to be told from one that never started. */
const LEAST_MS = 1_000;
const options = {
  class: z.enum(BOX_CLASSES).optional().describe("Size of the box."),
  provider: z.string().min(1).max(64).optional().describe("Where the box comes from."),
  timeout: duration(LEAST_MS).optional().describe("Stop the command after this time."),
  ttl: duration(LEAST_MS).optional().describe("Longest life of the box."),
  idle: duration(0).optional().describe("Keep the box warm this long afterwards; `0s` ends it at once."),
};

const pattern = z
  .string()
  .min(1)
  .max(MAX_PATTERN_CHARS)
  .refine((text) => !text.replace(/^!/u, "").startsWith("/"), {
    message: "paths are written without `/` before them",
  });

const login = z.string().regex(/^[A-Za-z0-9-]{1,39}(?:\[bot\])?$/u, "a login is needed, without @");
const team = z
  .string()
  .regex(/^(?:[A-Za-z0-9-]{1,39}\/)?[A-Za-z0-9_.-]{1,100}$/u, "a team's slug is needed, or org/slug");

const command = z.strictObject({
  run: z
    .string()
    .refine((text) => text.trim() !== "", { message: "a command is needed" })
    .refine((text) => forbiddenCharacter(text) === null, {
      message: "holds a character that cannot be shown as it would act",
    })
    .describe("A line for `bash -c`; several lines (`run: |`) are a script."),
  ...options,
});

const auto = z.strictObject({
  command: name.describe("Which of `commands` runs."),
  on: z
    .enum(["push", "label"])
    .default("push")
    .describe(
      "`push`: each push to an open pull request. `label`: when somebody with write access puts `label`.",
    ),
  label: z.string().min(1).max(MAX_LABEL_CHARS).optional().describe("With `on: label`: which one."),
  paths: z
    .array(pattern)
    .min(1)
    .max(MAX_PATTERNS)
    .optional()
    .describe(
      "Runs only when a changed file matches; else the check is reported as skipped, which lets a required check pass.",
    ),
  draft: z
    .enum(["run", "skip"])
    .default("run")
    .describe("On a draft pull request: run all the same, or skip."),
  merge: z
    .boolean()
    .default(false)
    .describe("Test the merge commit with the base branch instead of the head commit."),
});

/** `.github/crabbox.yml`: every key. `docs/crabbox-yml.md` and the published JSON Schema are made from this. */
export const RepoConfigFile = z.strictObject({
  defaults: z.strictObject(options).prefault({}).describe("Used where a command names nothing."),
  limits: z
    .strictObject({
      classes: z
        .array(z.enum(BOX_CLASSES))
        .min(1)
        .optional()
        .describe("Sizes that may be asked for; absent: all the server offers."),
      providers: z
        .array(z.string().min(1).max(64))
        .min(1)
        .max(MAX_NAMES)
        .optional()
        .describe("Providers that may be asked for; absent: all the server has."),
      timeout: duration(LEAST_MS).optional().describe("The longest time limit that may be asked for."),
      ttl: duration(LEAST_MS).optional().describe("The longest life of a box that may be asked for."),
      idle: duration(0).optional().describe("The longest time a box may be kept warm."),
    })
    .prefault({}),
  env: z
    .array(z.string().max(255))
    .max(MAX_NAMES)
    .optional()
    .describe("Names from the server's `env` that commands get; absent: all, `[]`: none."),
  hydrate: hydrateKeys.describe(
    "Whose steps prepare the box; absent: the job named `hydrate`, if there is one.",
  ),
  keep: keepKeys,
  results: resultKeys,
  artifacts: artifactKeys,
  commands: z
    .record(name, command)
    .refine((all) => Object.keys(all).length <= MAX_COMMANDS, { message: `at most ${MAX_COMMANDS} commands` })
    .default({})
    .describe("Named commands: `/crabbox run NAME`."),
  who: z
    .strictObject({
      role: z
        .enum(["write", "maintain", "admin"])
        .default("write")
        .describe("The least role that may start runs."),
      users: z.array(login).max(MAX_NAMES).optional().describe("Only these people and bots."),
      teams: z
        .array(team)
        .max(MAX_NAMES)
        .optional()
        .describe("Only members of these teams of the owner, or `org/slug`; with `users`: or those."),
    })
    .prefault({}),
  forks: z
    .strictObject({
      policy: z
        .enum(["never", "approve", "approve_team"])
        .optional()
        .describe(
          "Code of forks and of Dependabot: never run, run when a writer approved that very commit, or when one of `team` did. Only stricter than the server's.",
        ),
      team: z
        .string()
        .regex(/^[A-Za-z0-9-]{1,39}\/[A-Za-z0-9_.-]{1,100}$/u, "org/slug is needed")
        .optional()
        .describe("With `approve_team`: whose approvals count, as `org/slug`."),
    })
    .prefault({}),
  concurrency: z
    .strictObject({
      mode: z
        .enum(["queue", "cancel-previous"])
        .default("queue")
        .describe(
          "What a new run does about older ones of the same check of the same pull request: wait for them, or end them.",
        ),
      max: z
        .number()
        .int()
        .min(1)
        .max(MAX_AT_ONCE)
        .default(1)
        .describe("How many of those may be at work at once."),
    })
    .optional()
    .describe("Absent: runs of one check do not heed each other."),
  paths: z
    .array(pattern)
    .min(1)
    .max(MAX_PATTERNS)
    .optional()
    .describe("The `paths` of every `auto` entry that has none."),
  auto: z
    .record(name, auto)
    .refine((all) => Object.keys(all).length <= MAX_AUTO, { message: `at most ${MAX_AUTO} entries` })
    .default({})
    .describe(
      "Runs that start by themselves. The check of entry NAME is called `crabbox / NAME`: a branch rule can require it.",
    ),
});

export type RepoConfig = z.output<typeof RepoConfigFile>;
export type NamedCommand = RepoConfig["commands"][string];
export type AutoEntry = RepoConfig["auto"][string];

/** What a repository without the file has: everything as the server's settings say, nothing by itself. */
export const NO_CONFIG: RepoConfig = RepoConfigFile.parse({});
