import type { CheckRunView } from "./github/control/contract.ts";
import type { Reader } from "./log-in.ts";
import { readLog } from "./run-facts.ts";
import type { LogRow, RunFacts } from "./run-facts.ts";
import type { Teller } from "./teller.ts";

/** Tells what has come to a run's log since the last call; with facts that say `done`, all the rest. */
export type LogFollower = (check: CheckRunView, facts: RunFacts | null) => Promise<void>;

/** Begins at the log's beginning, attempt after attempt. */
export function createLogFollower(teller: Teller, reader: Reader): LogFollower {
  let attempt = 1;
  let next = 0;
  /** Rows below it were whole at the last look, so what is read of them now is, too. */
  let whole = 0;

  const look = async (check: CheckRunView, isEnded: boolean): Promise<boolean> => {
    const log = await readLog(reader, check, attempt, next);
    if (log === null) return false;
    const rows = log.rows.filter((row) => isEnded || row.n < whole);
    whole = log.open ?? log.total;
    tellRows(teller, check.externalId ?? "", rows);
    next = (rows.at(-1)?.n ?? next - 1) + 1;
    return rows.length > 0;
  };
  return async (check, facts) => {
    if (facts === null || facts.attempts === 0) return;
    for (; attempt < facts.attempts; attempt += 1) {
      while (await look(check, true));
      [next, whole] = [0, 0];
    }
    while (await look(check, facts.state === "done"));
  };
}

function tellRows(teller: Teller, run: string, rows: readonly LogRow[]): void {
  let text = "";
  const flush = (): void => {
    if (text !== "") teller.log(run, text);
    text = "";
  };
  for (const row of rows) {
    if (row.k === "out") {
      const more = row.cut === undefined ? "" : ` [… the line has ${row.cut} bytes; see the live log]`;
      text += `${row.s}${more}\n`;
      continue;
    }
    flush();
    teller.tell("mark", row.s, { run });
  }
  flush();
}
