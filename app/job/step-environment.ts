import { userInfo } from "node:os";

/** Names that carry credentials of the person, or that would make a step believe it runs inside something else. */
const WITHHELD = [
  /TOKEN|SECRET|PASSW|CREDENTIAL|PRIVATE_?KEY|API_?KEY|ACCESS_?KEY|SESSION|COOKIE/iu,
  /^(?:GITHUB|RUNNER|ACTIONS|INPUT|STATE|CRABBOX|npm|NPM)_/u,
  /^(?:NODE_OPTIONS|NODE_CHANNEL_FD|NODE_UNIQUE_ID|BASH_ENV|ENV|LD_PRELOAD|SSH_AUTH_SOCK|INIT_CWD|OLDPWD|PWD|_)$/u,
];
const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/**
 * What steps find in their environment on this machine: the person's own, without what looks like a credential and without what npm
 * and GitHub's tools put there, then `extra`.
 */
export function stepEnvironment(
  own: NodeJS.ProcessEnv,
  extra: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const kept = Object.entries(own).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined && !WITHHELD.some((pattern) => pattern.test(entry[0])),
  );
  const user = userInfo();
  return {
    HOME: user.homedir,
    USER: user.username,
    LANG: "C.UTF-8",
    PATH: DEFAULT_PATH,
    ...Object.fromEntries(kept),
    ...extra,
  };
}
