const TIMEOUT_MS = 5_000;

/** Leases that have not ended, by the App's own count; null while it does not answer. */
export async function leasesLive(appUrl: string): Promise<number | null> {
  return metric(appUrl, "crabbox_leases_live");
}

/** Runs that have not ended; null while the App does not answer. */
export async function runsUnfinished(appUrl: string): Promise<number | null> {
  return metric(appUrl, "crabbox_runs", (labels) => !labels.includes('"done"'));
}

async function metric(
  appUrl: string,
  name: string,
  isWanted: (labels: string) => boolean = () => true,
): Promise<number | null> {
  const response = await fetch(`${appUrl}/metrics`, { signal: AbortSignal.timeout(TIMEOUT_MS) }).catch(
    () => null,
  );
  if (response?.ok !== true) return null;
  const text = await response.text();
  const row = new RegExp(String.raw`^${name}(?<labels>\{[^}]*\})? (?<value>\S+)$`, "gmu");
  return [...text.matchAll(row)]
    .filter(({ groups }) => isWanted(groups?.["labels"] ?? ""))
    .reduce((sum, { groups }) => sum + Number(groups?.["value"] ?? 0), 0);
}
