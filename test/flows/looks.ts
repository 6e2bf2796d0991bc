import type { CheckRunView } from "../../demo/github/control/contract.ts";
import type { Stage } from "../servers/stage.ts";
import { until } from "../servers/until.ts";

/** Before a command's first output stand boxd's own rows, fewer than these. */
const FIRST_ROWS = 50;

/** What the App put on a comment, sorted. */
export async function reactionsOf({ github }: Stage, commentId: number): Promise<readonly string[]> {
  return (await github.control.listReactions({ commentId })).map(({ content }) => content).sort();
}

/** Waits for the newest check run whose name holds `part` to have that status. */
export function checkNamed(
  stage: Stage,
  part: string,
  status: CheckRunView["status"],
): Promise<CheckRunView> {
  return until(
    async () =>
      (await stage.checks()).findLast((check) => check.name.includes(part) && check.status === status),
    `a check of "${part}" to be ${status}`,
  );
}

/** Waits until a running command's output is on its log page: it has begun for sure. */
export async function outputShown(stage: Stage, part: string): Promise<void> {
  const { detailsUrl } = await checkNamed(stage, part, "in_progress");
  await until(async () => {
    const answer = await fetch(`${detailsUrl}/lines?count=${FIRST_ROWS}`);
    if (!answer.ok) return false;
    const { rows } = (await answer.json()) as { rows: readonly { readonly k: string }[] };
    return rows.some(({ k }) => k === "out");
  }, `output of "${part}"`);
}

/** One of the App's metrics. */
export async function metric({ app }: Stage, name: string): Promise<number> {
  const text = await (await fetch(`${app.url}/metrics`)).text();
  const line = text.split("\n").find((one) => one.startsWith(`${name} `));
  return line === undefined ? 0 : Number(line.slice(name.length + 1));
}
