import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { LineCounter, parseDocument } from "yaml";
import { z } from "zod";
import { AppError } from "./errors.ts";
import { FileSettings } from "./settings-file.ts";

/** GitHub recommends a random secret; 20 characters of base64 carry 120 bits. */
const MIN_SECRET_CHARACTERS = 20;
const WEAK_SECRETS = new Set(["development", "secret", "changeme", "password", "webhook", "test"]);

const Environment = z.object({
  APP_ID: z.coerce.number().int().positive(),
  PRIVATE_KEY: z.string().optional(),
  PRIVATE_KEY_PATH: z.string().optional(),
  WEBHOOK_SECRET: z.string(),
  CRABBOX_CONFIG: z.string().default("crabbox-app.yml"),
  LOG_LEVEL: z.enum(["trace", "debug", "info", "warn", "error", "fatal"]).default("info"),
});

/** Everything the App is told from outside. Secrets come from the environment, the rest from one YAML file. */
export type Settings = FileSettings & {
  readonly appId: number;
  readonly privateKey: string;
  readonly webhookSecret: string;
  readonly logLevel: string;
};

/**
 * Reads the environment and the file it names (`CRABBOX_CONFIG`). Throws `bad_settings` listing every fault at once: which key,
 * what is allowed. Values of secrets never appear in the message.
 */
export function loadSettings(env: NodeJS.ProcessEnv = process.env): Settings {
  const faults: string[] = [];
  const parsed = Environment.safeParse(env);
  if (!parsed.success) {
    for (const issue of parsed.error.issues)
      faults.push(`environment ${issue.path.join(".")}: ${issue.message}`);
    throw badSettings(faults);
  }
  const environment = parsed.data;
  const privateKey = readPrivateKey(environment, faults);
  faults.push(...secretFaults(environment.WEBHOOK_SECRET));
  const file = readFile(resolve(environment.CRABBOX_CONFIG), faults);
  if (faults.length > 0 || file === null) throw badSettings(faults);
  return {
    ...file,
    appId: environment.APP_ID,
    privateKey,
    webhookSecret: environment.WEBHOOK_SECRET,
    logLevel: environment.LOG_LEVEL,
  };
}

function badSettings(faults: readonly string[]): AppError {
  return new AppError(
    "bad_settings",
    `The settings cannot be used:\n${faults.map((fault) => `  - ${fault}`).join("\n")}`,
    "Mend each line above; docs/configure.md lists every key with its default.",
  );
}

function readPrivateKey(environment: z.infer<typeof Environment>, faults: string[]): string {
  const path = environment.PRIVATE_KEY_PATH;
  let key = environment.PRIVATE_KEY?.replaceAll("\\n", "\n") ?? "";
  if (key === "" && path !== undefined) {
    try {
      key = readFileSync(path, "utf8");
    } catch (cause) {
      faults.push(`environment PRIVATE_KEY_PATH: ${path} cannot be read (${codeOf(cause)})`);
      return "";
    }
  }
  if (!key.includes("PRIVATE KEY-----")) {
    faults.push("environment PRIVATE_KEY or PRIVATE_KEY_PATH: the App's private key in PEM form is needed");
  }
  return key;
}

function secretFaults(secret: string): string[] {
  if (secret.length >= MIN_SECRET_CHARACTERS && !WEAK_SECRETS.has(secret.toLowerCase())) return [];
  return [
    `environment WEBHOOK_SECRET: too weak; at least ${MIN_SECRET_CHARACTERS} random characters (make one: openssl rand -hex 32), the same as in the App's page on GitHub`,
  ];
}

function readFile(path: string, faults: string[]): FileSettings | null {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    faults.push(`settings file ${path} cannot be read (${codeOf(cause)}); CRABBOX_CONFIG names another one`);
    return null;
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, maxAliasCount: 0 } as never);
  for (const error of document.errors) {
    const at = lines.linePos(error.pos[0]);
    faults.push(`${path}:${at.line}:${at.col}: ${error.message.split("\n")[0]}`);
  }
  if (document.errors.length > 0) return null;
  const parsed = FileSettings.safeParse(document.toJS({ maxAliasCount: 0 }) ?? {});
  if (parsed.success) return parsed.data;
  for (const issue of parsed.error.issues) {
    const found = issue.path.length === 0 ? undefined : document.getIn(issue.path);
    const shown = ["string", "number", "boolean"].includes(typeof found)
      ? `; found ${JSON.stringify(found)}`
      : "";
    faults.push(`${path}, key ${issue.path.join(".") || "(top)"}: ${issue.message}${shown}`);
  }
  return null;
}

function codeOf(cause: unknown): string {
  return cause instanceof Error && "code" in cause ? String(cause.code) : "unreadable";
}
