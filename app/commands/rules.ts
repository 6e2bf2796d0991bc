import { fence } from "../clamp.ts";
import { AppError } from "../errors.ts";
import type { Role } from "../github/permissions.ts";
import { faultText } from "../repo-config/fault.ts";
import type { LoadedConfig } from "../repo-config/load.ts";
import { narrowLimits } from "../repo-config/narrow.ts";
import { CONFIG_PATH } from "../repo-config/read.ts";
import type { RepoConfig } from "../repo-config/schema.ts";
import type { Repository } from "../store/rows.ts";
import type { CommandContext, CommandDeps } from "./command.ts";

/** Longest part of a fault that an answer repeats. */
const FAULT_BYTES = 1_000;

export type Rules<D> =
  /** What the file leaves of the server's limits, and the context that knows the file. */
  | { readonly ok: true; readonly deps: D; readonly context: CommandContext }
  | { readonly ok: false; readonly message: string };

type Narrowable = Pick<CommandDeps, "limits" | "providers" | "inTeam" | "fileUrl" | "tellConfig">;

/**
 * What `.github/crabbox.yml` of the default branch says about a command that starts, repeats or prolongs something: nothing runs by a
 * broken file, and nothing goes beyond what it leaves of the server's settings (law 12).
 */
export async function rulesFor<D extends Narrowable>(deps: D, context: CommandContext): Promise<Rules<D>> {
  const loaded = await context.config();
  if (loaded.kind === "broken") {
    deps.tellConfig(context.repository, context.pullRequest.headSha, loaded);
    return { ok: false, message: brokenFile(deps, context.repository, loaded) };
  }
  const { config } = loaded;
  const refusal = await whyNotWho(deps, context, config.who);
  if (refusal !== null) return { ok: false, message: refusal };
  const { limits, providers } = narrowLimits(config, deps.limits, deps.providers);
  return { ok: true, deps: { ...deps, limits, providers }, context: { ...context, file: config } };
}

/** The answer to a command that meets a broken file: its first fault, and where it stands. */
function brokenFile(
  deps: Pick<CommandDeps, "fileUrl">,
  repository: Repository,
  { faults, sha }: Extract<LoadedConfig, { kind: "broken" }>,
): string {
  const [first] = faults;
  const line = first?.line ?? 1;
  const more =
    faults.length > 1 ? ` It has ${faults.length} faults; the check \`crabbox.yml\` lists them.` : "";
  const said = first === undefined ? "" : `${CONFIG_PATH}:${line}:${first.column}: ${faultText(first)}`;
  return [
    `The default branch's [\`${CONFIG_PATH}\`](${deps.fileUrl(repository, sha, line)}) cannot be used, so nothing is run by it.${more}`,
    "",
    fence(said, FAULT_BYTES, "head"),
  ].join("\n");
}

async function whyNotWho(
  deps: Pick<CommandDeps, "inTeam">,
  { actor, repository }: CommandContext,
  who: RepoConfig["who"],
): Promise<string | null> {
  if (RANKS[actor.role ?? "none"] < RANKS[who.role])
    return `\`${CONFIG_PATH}\` lets only people with the role \`${who.role}\` or more start runs here; yours is \`${actor.role ?? "none"}\`.`;
  if (who.users === undefined && who.teams === undefined) return null;
  const login = actor.login.toLowerCase();
  if (who.users?.some((one) => one.toLowerCase() === login) === true) return null;
  try {
    for (const name of who.teams ?? []) {
      const [first = "", second] = name.split("/");
      const team =
        second === undefined ? { org: repository.owner, slug: first } : { org: first, slug: second };
      if (await deps.inTeam(repository, team, actor.login)) return null;
    }
  } catch (thrown) {
    if (!(thrown instanceof AppError) || thrown.code !== "not_allowed") throw thrown;
    return `\`${CONFIG_PATH}\` names teams, and GitHub does not let the App see who is in them. An owner accepts the App's permission "Members: read".`;
  }
  return `\`${CONFIG_PATH}\` lists who may start runs here (\`who\`), and you are not among them.`;
}

/** The server lists which bots count; a file that wants more than write wants people. */
const RANKS: Readonly<Record<Role | "bot", number>> = {
  none: 0,
  read: 0,
  triage: 0,
  write: 1,
  bot: 1,
  maintain: 2,
  admin: 3,
};
