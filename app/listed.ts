/** Does this server work for the account? GitHub compares logins without regard to case. */
export function isListed(accounts: readonly string[], login: string): boolean {
  const wanted = login.toLowerCase();
  return accounts.some((listed) => listed.toLowerCase() === wanted);
}
