import { readOptions } from "./options.ts";
import type { Given } from "./options.ts";

export type SshHost = {
  readonly user: string;
  readonly host: string;
  readonly port: number;
  readonly keyFile: string;
  /** `SHA256:...`; null: the first key seen is pinned. */
  readonly hostKey: string | null;
};

/** What the person asked for; every value checked as far as it can be without touching anything. */
export type DemoOptions = {
  readonly once: boolean;
  readonly json: boolean;
  readonly stateDir: string | null;
  readonly githubRoot: string | null;
  readonly source: { readonly path: string; readonly head: string; readonly base: string | null } | null;
  /** Null: the story. */
  readonly comments: readonly string[] | null;
  /** Environment of every set-up step and command. */
  readonly env: Readonly<Record<string, string>>;
  /** Null: boxes are directories on this machine. */
  readonly ssh: SshHost | null;
  /** Null: no containers. */
  readonly docker: { readonly base: string | null } | null;
};

export type ReadArguments =
  | { readonly kind: "help" }
  | { readonly kind: "wrong"; readonly message: string; readonly hint: string }
  | { readonly kind: "go"; readonly options: DemoOptions };

type Wrong = Extract<ReadArguments, { kind: "wrong" }>;

/** GitHub's own limit on a comment's length, in characters. */
const COMMENT_LIMIT_CHARS = 65_536;
const DEFAULT_SSH_PORT = 22;
const HOST = /^(?<user>[^@\s]+)@(?:\[(?<ipv6>[0-9A-Fa-f:]+)\]|(?<host>[^@:\s[\]]+))(?::(?<port>\d{1,5}))?$/u;
/** As the server's settings take it. */
const VARIABLE = /^(?<name>[A-Za-z_][A-Za-z0-9_]*)(?:=(?<value>.*))?$/su;
const HOST_KEY = /^SHA256:[A-Za-z0-9+/]{43}=?$/u;

/** Reads the command line. The first fault ends it, with what to do instead. `own`: for variables that are given by name only. */
export function readArguments(
  argv: readonly string[],
  own: Readonly<Record<string, string | undefined>> = {},
): ReadArguments {
  const given = readOptions(argv);
  if (given.kind !== "given") return given;
  const { one, flag } = given;
  if (flag("help")) return { kind: "help" };
  const comments = readComments(given.all("comment"));
  if (comments !== null && "kind" in comments) return comments;
  const env = readEnv(given.all("env"), own);
  if ("kind" in env) return env;
  const ssh = readSsh(given);
  if (ssh !== null && "kind" in ssh) return ssh;
  const docker = one("provider") === "docker" ? { base: one("image") } : null;
  if (docker === null && one("image") !== null)
    return wrong("--image belongs to the provider docker.", "Add --provider docker.");
  const repo = one("repo");
  for (const name of ["head", "base"]) {
    if (repo === null && one(name) !== null)
      return wrong(`--${name} names a commit of your repository, but --repo is missing.`, "Add --repo PATH.");
  }
  return {
    kind: "go",
    options: {
      once: flag("once"),
      json: flag("json"),
      stateDir: one("state"),
      githubRoot: one("github-root"),
      source: repo === null ? null : { path: repo, head: one("head") ?? "HEAD", base: one("base") },
      comments,
      env: env.variables,
      ssh,
      docker,
    },
  };
}

function readComments(comments: readonly string[]): readonly string[] | Wrong | null {
  for (const [index, comment] of comments.entries()) {
    const which = comments.length === 1 ? "--comment" : `--comment number ${index + 1}`;
    if (comment.length > COMMENT_LIMIT_CHARS)
      return wrong(
        `${which} has ${comment.length} characters; GitHub takes ${COMMENT_LIMIT_CHARS}.`,
        "Shorten it.",
      );
    if (!/^\/crabbox\b/mu.test(comment))
      return wrong(
        `${which} holds no command: no line begins with /crabbox.`,
        "For example: --comment '/crabbox run -- npm test'",
      );
  }
  return comments.length === 0 ? null : comments;
}

function readEnv(
  given: readonly string[],
  own: Readonly<Record<string, string | undefined>>,
): { readonly variables: Readonly<Record<string, string>> } | Wrong {
  const variables = new Map<string, string>();
  for (const text of given) {
    const { name, value = own[name ?? ""] } = VARIABLE.exec(text)?.groups ?? {};
    if (name === undefined)
      return wrong(`--env "${text}" names no variable.`, "Write it as --env NAME=VALUE.");
    if (value === undefined)
      return wrong(`--env ${name}: there is no such variable here.`, `Write it as --env ${name}=VALUE.`);
    variables.set(name, value);
  }
  return { variables: Object.fromEntries(variables) };
}

function readSsh({ one }: Given): SshHost | Wrong | null {
  const provider = one("provider") ?? "local";
  const rest = ["host", "key", "host-key"].filter((name) => one(name) !== null);
  if (provider === "local" && rest.length === 0) return null;
  if (provider === "docker" && rest.length === 0) return null;
  if (provider === "local" || provider === "docker")
    return wrong(`--${rest[0]} belongs to the provider static-ssh.`, "Add --provider static-ssh.");
  if (provider !== "static-ssh")
    return wrong(
      `There is no provider "${provider}" in the demo.`,
      "Use --provider local, docker or static-ssh.",
    );
  const [host, keyFile, hostKey] = [one("host"), one("key"), one("host-key")];
  if (host === null) return wrong("static-ssh needs a host.", "Add --host USER@HOST:PORT.");
  if (keyFile === null) return wrong("static-ssh needs a private key.", "Add --key FILE.");
  if (hostKey !== null && !HOST_KEY.test(hostKey))
    return wrong(
      `--host-key "${hostKey}" is no fingerprint: SHA256: and 43 characters of base64 are needed.`,
      "The host prints it with: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub",
    );
  const parts = HOST.exec(host)?.groups;
  const port = Number(parts?.["port"] ?? DEFAULT_SSH_PORT);
  const name = parts?.["ipv6"] ?? parts?.["host"];
  const user = parts?.["user"];
  if (name === undefined || user === undefined || port < 1 || port > 65_535)
    return wrong(
      `--host "${host}" is not of the form USER@HOST:PORT.`,
      "For example: --host me@192.0.2.7:22",
    );
  return { user, host: name, port, keyFile, hostKey: hostKey?.replace(/=$/u, "") ?? null };
}

function wrong(message: string, hint: string): Wrong {
  return { kind: "wrong", message, hint };
}
