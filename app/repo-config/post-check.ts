import { createHash } from "node:crypto";
import { z } from "zod";
import { fence, shortLine } from "../clamp.ts";
import type { CheckContent } from "../github/check-content.ts";
import type { CheckRuns } from "../github/check-runs.ts";
import type { RepositoryRef } from "../github/hub.ts";
import type { Outside } from "../github/outside.ts";
import type { Repository } from "../store/rows.ts";
import { faultText, type Fault } from "./fault.ts";
import { CONFIG_PATH } from "./read.ts";
import type { RepoConfig } from "./schema.ts";

export type ConfigCheckDeps = {
  readonly outside: Outside;
  readonly checkRuns: Pick<CheckRuns, "create" | "findByExternalId">;
  readonly where: (repository: Repository) => Promise<RepositoryRef>;
};

export type ConfigCheck = {
  readonly repository: Repository;
  /** The check hangs here. */
  readonly headSha: string;
  /** Whose file it is: the pull request's own, or the default branch's, by which nothing is run now. */
  readonly of: "head" | "default";
  readonly read:
    | { readonly ok: true; readonly config: RepoConfig }
    | { readonly ok: false; readonly faults: readonly Fault[] };
};

const NAME = "crabbox.yml";
/** Room for 50 faults of a few lines each, well below GitHub's limit for a summary. */
const SUMMARY_BYTES = 30_000;
/** GitHub's own limits are 255 characters and 64 KB. */
const TITLE_BYTES = 200;
const MESSAGE_BYTES = 4_000;
const HASH_CHARS = 16;

const Posted = z.object({ id: z.number() });

/**
 * The check \`crabbox.yml\`: every fault as an annotation on its line, or what the file sets up. Made once for a commit and a content; another
 * content makes another check of the same name, since GitHub only ever adds annotations. Safe to repeat.
 */
export async function postConfigCheck(deps: ConfigCheckDeps, check: ConfigCheck): Promise<void> {
  const { repository, headSha } = check;
  const content = contentOf(check);
  const sent = createHash("sha256").update(JSON.stringify(content)).digest("hex");
  const where = await deps.where(repository);
  const identity = { name: NAME, headSha, externalId: `config_${sent.slice(0, HASH_CHARS)}` };
  await deps.outside.ensure({
    key: `config:${repository.id}:${headSha}:${sent.slice(0, HASH_CHARS)}`,
    result: Posted,
    sent,
    find: () => deps.checkRuns.findByExternalId(where, identity),
    create: () => deps.checkRuns.create(where, { ...identity, ...content }, { priority: "result" }),
  });
}

function contentOf({ read, of }: ConfigCheck): CheckContent {
  if (read.ok) return { status: "completed", conclusion: "success", output: goodOutput(read.config) };
  const { faults } = read;
  const lines = faults.map((fault) => `${CONFIG_PATH}:${fault.line}:${fault.column}: ${faultText(fault)}`);
  const whose =
    of === "head"
      ? `\`${CONFIG_PATH}\` of this commit cannot be used.`
      : `\`${CONFIG_PATH}\` of the default branch cannot be used, so nothing is run by it: no automatic runs, no commands that start something.`;
  return {
    status: "completed",
    conclusion: "failure",
    output: {
      title: faults.length === 1 ? "1 fault" : `${faults.length} faults`,
      summary: `${whose}\n\n${fence(lines.join("\n"), SUMMARY_BYTES, "head")}`,
      annotations: faults.map((fault) => ({
        path: CONFIG_PATH,
        line: fault.line,
        column: fault.column,
        title: shortLine(fault.key, TITLE_BYTES) || NAME,
        message: shortLine(fault.message, MESSAGE_BYTES),
      })),
    },
  };
}

/** Names are plain words by the schema: they need no escaping. */
function goodOutput({ commands, auto }: RepoConfig): CheckContent["output"] {
  const started = Object.entries(auto).map(
    ([name, entry]) => `| \`crabbox / ${name}\` | \`${entry.command}\` | on ${entry.on} |`,
  );
  const named = Object.keys(commands).map((name) => `\`/crabbox run ${name}\``);
  return {
    title: "Valid",
    summary: [
      `\`${CONFIG_PATH}\` of this commit is valid. It counts once it is on the default branch.`,
      "",
      named.length === 0 ? "It names no commands." : `Named commands: ${named.join(", ")}.`,
      ...(started.length === 0 ? [] : ["", "| Check | Runs | When |", "| --- | --- | --- |", ...started]),
    ].join("\n"),
  };
}
