import type { Grants } from "../../runner-bootstrap/boxd/given.ts";
import type { ContainerSpec, JobPlan, Template } from "../../runner-bootstrap/boxd/steps/plan.ts";
import { computedNames } from "./plan/computed-names.ts";
import { expressionsIn, namesFrom, namesToken } from "./plan/texts.ts";

/** The context `env`, however it is read. */
const READS_ENV = /(?<![\w.-])env(?![\w-])/giu;
/** One name of it, written down. */
const NAMES_ENV = /(?<![\w.-])env\s*(?:\.\s*[A-Za-z_]|\[\s*'[^']{1,200}'\s*\])/giu;
/** Registries that GitHub's own token opens when no credentials are named (boxd/steps/docker/create.ts). */
const GITHUB_REGISTRY = /^\s*(?:ghcr\.io|containers\.pkg\.github\.com)\//iu;

type Names = { readonly isAll: boolean; readonly names: ReadonlySet<string> };

/**
 * What of a set-up's grants its services get when they alone are started again (`servicesAgain`): secrets that their own values name, or
 * the environment that these read; the token when they name it, or when a registry of GitHub's is asked for an image without credentials.
 */
export function servicesGrants({ env, services, contexts }: JobPlan, { secrets, token }: Grants): Grants {
  const texts = { env, services };
  const { github, vars, inputs, matrix, strategy } = contexts;
  const computed = computedNames(texts, { github, vars, inputs, matrix, strategy });
  const named = new Set(namesFrom("secrets", texts).map((name) => name.toUpperCase()));
  const takesToken =
    namesToken(texts) ||
    computed?.mayBe("GITHUB_TOKEN") === true ||
    Object.values(services).some(mayAskGithub);
  return {
    secrets: secrets.filter((name) => named.has(name) || computed?.mayBe(name) === true),
    token: takesToken ? token : null,
  };
}

/** Of the levels of a job's environment what its services read, with what that reads in turn; all of it where the names are not written down. */
export function servicesEnv({ env, services }: Pick<JobPlan, "env" | "services">): JobPlan["env"] {
  let read = envNames(services);
  const kept: (Readonly<Record<string, Template>> | Template)[] = [];
  for (const level of env.toReversed()) {
    const part = typeof level === "string" ? wholeLevel(level, read) : partOf(level, read);
    if (part === null) continue;
    kept.unshift(part);
    const more = envNames(part);
    read = { isAll: read.isAll || more.isAll, names: new Set([...read.names, ...more.names]) };
  }
  return kept;
}

/** One expression for a whole level: which names it gives is not known. */
function wholeLevel(level: Template, { isAll, names }: Names): Template | null {
  return isAll || names.size > 0 ? level : null;
}

function partOf(
  level: Readonly<Record<string, Template>>,
  { isAll, names }: Names,
): Readonly<Record<string, Template>> | null {
  const isRead = (name: string): boolean =>
    isAll || names.has(name.toLowerCase()) || (names.size > 0 && name.includes("${{"));
  const part = Object.entries(level).filter(([name]) => isRead(name));
  return part.length === 0 ? null : Object.fromEntries(part);
}

function envNames(value: unknown): Names {
  const texts = [...expressionsIn(value, false)];
  const isAll = texts.some(
    (text) => (text.match(READS_ENV)?.length ?? 0) > (text.match(NAMES_ENV)?.length ?? 0),
  );
  return { isAll, names: new Set(namesFrom("env", value).map((name) => name.toLowerCase())) };
}

function mayAskGithub({ image, credentials }: ContainerSpec): boolean {
  const { username = "", password = "" } = credentials ?? {};
  return (
    mayBeEmpty(username) && mayBeEmpty(password) && (image.includes("${{") || GITHUB_REGISTRY.test(image))
  );
}

/** Credentials that come out empty count as none (boxd/steps/docker/create.ts). */
function mayBeEmpty(template: string): boolean {
  return template === "" || template.includes("${{");
}
