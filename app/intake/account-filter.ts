import type { Log } from "../log.ts";
import type { Envelope } from "./envelope.ts";

/** Names kept to say it once; beyond that nothing more is said. */
const MAX_NAMES = 1_000;

/** True for deliveries of the accounts that the settings list; others are said once each in the log. */
export type AccountFilter = (envelope: Pick<Envelope, "account">) => boolean;

/** `accounts`: logins, compared without case. Events of no account (GitHub's ping) are not let in: nothing handles them. */
export function createAccountFilter(accounts: readonly string[], log: Log): AccountFilter {
  const allowed = new Set(accounts.map((login) => login.toLowerCase()));
  const said = new Set<string>();
  return ({ account }) => {
    if (account === null) return false;
    const name = account.toLowerCase();
    if (allowed.has(name)) return true;
    if (said.has(name) || said.size >= MAX_NAMES) return false;
    said.add(name);
    log.warn({ account: name }, "deliveries of an account outside the settings' accounts are ignored");
    return false;
  };
}
