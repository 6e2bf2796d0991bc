import { userInfo } from "node:os";

/** Names that carry credentials of the person, or that would make a step believe it runs inside something else. */
const WITHHELD = [
  /TOKEN|SECRET|PASSW|CREDENTIAL|PRIVATE_?KEY|API_?KEY|ACCESS_?KEY|SESSION|COOKIE/iu,
  /^(?:GITHUB|RUNNER|ACTIONS|INPUT|STATE|CRABBOX|npm|NPM)_/u,
  /^(?:NODE_OPTIONS|NODE_CHANNEL_FD|NODE_UNIQUE_ID|BASH_ENV|ENV|LD_PRELOAD|SSH_AUTH_SOCK|INIT_CWD|OLDPWD|PWD|_)$/u,
];
/** What leads to a person's files past HOME. XDG_RUNTIME_DIR stays: the socket of their Docker is there. */
const HOMES = /^(?:HOME|XDG_(?:CONFIG|CACHE|DATA|STATE)_HOME)$/u;
const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/**
 * What steps find in their environment on this machine: the person's own, without what looks like a credential and without what npm
 * and GitHub's tools put there, then `extra`. Without `hasHome` nothing says where their home is: each job has one of its own.
 */
export function stepEnvironment(
  own: NodeJS.ProcessEnv,
  extra: Readonly<Record<string, string>>,
  { hasHome }: { readonly hasHome: boolean },
): Readonly<Record<string, string>> {
  const kept = Object.entries(own).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined &&
      !WITHHELD.some((pattern) => pattern.test(entry[0])) &&
      (hasHome || !HOMES.test(entry[0])),
  );
  const user = userInfo();
  return {
    ...(hasHome ? { HOME: user.homedir } : {}),
    USER: user.username,
    LANG: "C.UTF-8",
    PATH: DEFAULT_PATH,
    ...Object.fromEntries(kept),
    ...extra,
  };
}
