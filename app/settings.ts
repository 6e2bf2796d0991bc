import { createPrivateKey } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { LineCounter, parseDocument } from "yaml";
import { z } from "zod";
import { AppError } from "./errors.ts";
import { FileSettings } from "./settings-file.ts";
import { readSecretValues, type SecretValues } from "./settings-repositories.ts";
import { hasSecrets, readStoredSecrets, withStoredSecrets } from "./settings-secrets.ts";

/** GitHub recommends a random secret; 20 characters of base64 carry 120 bits. */
const MIN_SECRET_CHARACTERS = 20;
const WEAK_SECRETS = new Set(["development", "secret", "changeme", "password", "webhook", "test"]);

const CONFIG = z.string().min(1).default("crabbox-app.yml");
const Environment = z.object({
  APP_ID: z
    .string("missing; the App's numeric id is needed")
    .regex(/^[1-9][0-9]{0,14}$/u, "the App's numeric id is needed, as its page on GitHub shows it")
    .transform(Number),
  PRIVATE_KEY: z.string().optional(),
  PRIVATE_KEY_PATH: z.string().optional(),
  WEBHOOK_SECRET: z.string("missing; the secret of the App's webhook on GitHub is needed"),
  CLIENT_ID: z.string().optional(),
  CLIENT_SECRET: z.string().optional(),
  CRABBOX_CONFIG: CONFIG,
  LOG_LEVEL: z.enum(["trace", "debug", "info", "warn", "error", "fatal"]).default("info"),
});

/** Where the set-up listens before there is a settings file. */
const Listen = z
  .object({
    HOST: z.string().min(1).default("127.0.0.1"),
    PORT: z.coerce.number().int().min(0).max(65_535).default(3000),
  })
  .transform(({ HOST, PORT }) => ({ host: HOST, port: PORT }));

/** Everything the App is told from outside. Secrets come from the environment, the rest from one YAML file. */
export type Settings = FileSettings & {
  readonly appId: number;
  readonly privateKey: string;
  readonly webhookSecret: string;
  /** For log-in on the pages; null when the environment does not give them. */
  readonly login: { readonly clientId: string; readonly clientSecret: string } | null;
  /** Of `repositories`: what set-up steps may have. */
  readonly stepSecrets: SecretValues;
  readonly logLevel: string;
};

/**
 * What the set-up needs, when neither the environment nor the state directory holds the App's secrets: then there is no App yet. Null
 * otherwise. The settings file may be there already.
 */
export function needsSetUp(
  env: NodeJS.ProcessEnv = process.env,
): { readonly config: string; readonly file: FileSettings | null; readonly defaults: FileSettings } | null {
  if (hasSecrets(env)) return null;
  const config = configPath(env);
  const file = existsSync(config) ? loadFileSettings(env) : null;
  const defaults = file ?? FileSettings.parse({ accounts: ["-"], providers: [], listen: Listen.parse(env) });
  return readStoredSecrets(defaults.stateDir) === null ? { config, file, defaults } : null;
}

/**
 * Reads the environment and the file it names (`CRABBOX_CONFIG`). Throws `bad_settings` listing every fault at once: which key,
 * what is allowed. Values of secrets never appear in the message.
 */
export function loadSettings(given: NodeJS.ProcessEnv = process.env): Settings {
  const faults: string[] = [];
  const ofFile: string[] = [];
  const file = readFile(configPath(given), ofFile);
  const env = file === null ? given : withStoredSecrets(given, file.stateDir);
  const environment = Environment.safeParse(env);
  for (const issue of environment.error?.issues ?? [])
    faults.push(`environment ${issue.path.join(".")}: ${issue.message}`);
  const privateKey = readPrivateKey(env, faults);
  const stepSecrets = readSecretValues(file?.repositories ?? [], given, ofFile);
  faults.push(...secretFaults(env["WEBHOOK_SECRET"]), ...ofFile);
  if (faults.length > 0 || file === null || !environment.success) throw badSettings(faults);
  return {
    ...file,
    appId: environment.data.APP_ID,
    privateKey,
    webhookSecret: environment.data.WEBHOOK_SECRET,
    login: loginOf(environment.data.CLIENT_ID, environment.data.CLIENT_SECRET),
    stepSecrets,
    logLevel: environment.data.LOG_LEVEL,
  };
}

/** Only the file's part, for CLI commands that need no secret. Throws `bad_settings` as `loadSettings`. */
export function loadFileSettings(env: NodeJS.ProcessEnv = process.env): FileSettings {
  const faults: string[] = [];
  const file = readFile(configPath(env), faults);
  if (file === null) throw badSettings(faults);
  return file;
}

function loginOf(clientId = "", clientSecret = ""): Settings["login"] {
  return clientId === "" || clientSecret === "" ? null : { clientId, clientSecret };
}

function configPath(env: NodeJS.ProcessEnv): string {
  const parsed = CONFIG.safeParse(env["CRABBOX_CONFIG"]);
  return resolve(parsed.data ?? "crabbox-app.yml");
}

function badSettings(faults: readonly string[]): AppError {
  return new AppError(
    "bad_settings",
    `The settings cannot be used:\n${faults.map((fault) => `  - ${fault}`).join("\n")}`,
    "Mend each line above; docs/configure.md lists every key of the file, docs/operate.md the environment.",
  );
}

function readPrivateKey(env: NodeJS.ProcessEnv, faults: string[]): string {
  const path = env["PRIVATE_KEY_PATH"];
  let key = env["PRIVATE_KEY"]?.replaceAll("\\n", "\n") ?? "";
  if (key === "" && path !== undefined) {
    try {
      key = readFileSync(path, "utf8");
    } catch (cause) {
      faults.push(`environment PRIVATE_KEY_PATH: ${path} cannot be read (${codeOf(cause)})`);
      return "";
    }
  }
  if (!isRsaKey(key)) {
    const found = key === "" ? "" : "; what was given is not one, or is damaged";
    faults.push(
      `environment PRIVATE_KEY or PRIVATE_KEY_PATH: the private key that GitHub made for the App is needed, whole, in PEM form${found}`,
    );
  }
  return key;
}

/** GitHub makes RSA keys, and takes no others. */
function isRsaKey(pem: string): boolean {
  try {
    return createPrivateKey(pem).asymmetricKeyType === "rsa";
  } catch {
    return false;
  }
}

function secretFaults(secret: string | undefined): string[] {
  if (secret === undefined) return [];
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
    const missing = issue.code === "invalid_type" && issue.path.length > 0 && found === undefined;
    const said = missing ? `missing; ${issue.expected} is needed` : issue.message;
    faults.push(`${path}, key ${issue.path.join(".") || "(top)"}: ${said}${shown}`);
  }
  return null;
}

function codeOf(cause: unknown): string {
  return cause instanceof Error && "code" in cause ? String(cause.code) : "unreadable";
}
