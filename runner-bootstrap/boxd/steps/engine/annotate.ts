/** Annotations that a step asks for: `::notice`, `::warning`, `::error` with their places (actions/runner IssueCommandExtension). */

import { relative } from "node:path";

import type { Command } from "./command-line.ts";
import type { Step } from "./job.ts";
import { isRoomFor, issue, type Where } from "./say.ts";

const LEVELS = { notice: "notice", warning: "warning", error: "failure" } as const;

/** Largest number that counts as a line or column: 32 bits, as in the runner. */
const NUMBER_MAX = 2 ** 31 - 1;

export function annotate(step: Step, name: keyof typeof LEVELS, command: Command): void {
  if (!isRoomFor(step, LEVELS[name])) {
    issue(step, LEVELS[name], command.data);
    return;
  }
  const properties = command.properties();
  const title = properties.get("title");
  const file = properties.get("file") ?? "";
  const where: Where = {
    ...(title === undefined ? {} : { title }),
    ...(file === "" ? {} : { path: pathInRepository(step, file) }),
    ...places(properties),
  };
  issue(step, LEVELS[name], command.data, where);
}

/** As the repository knows the file: without the workspace, in the job's container too. */
export function pathInRepository(step: Step, file: string): string {
  const { container, host } = step.job;
  const path = container === null ? file : container.outside(file);
  const inside = relative(host.places.workspace, path);
  return path.startsWith("/") && inside !== "" && !inside.startsWith("..") ? inside : path;
}

/** What goes together: an end needs its begin, columns need one line alone, and no end stands before its begin. */
function places(properties: ReadonlyMap<string, string>): Where {
  let line = numberOf(properties.get("line"));
  let endLine = numberOf(properties.get("endline"));
  let column = numberOf(properties.get("col"));
  let endColumn = numberOf(properties.get("endcolumn"));
  line ??= endLine;
  column ??= endColumn;
  if (line === undefined || (endLine !== undefined && endLine !== line)) column = endColumn = undefined;
  if (line !== undefined && endLine !== undefined && endLine < line) line = endLine = undefined;
  if (column !== undefined && endColumn !== undefined && endColumn < column) column = endColumn = undefined;
  return {
    ...(line === undefined ? {} : { line }),
    ...(endLine === undefined ? {} : { endLine }),
    ...(column === undefined ? {} : { column }),
    ...(endColumn === undefined ? {} : { endColumn }),
  };
}

function numberOf(text: string | undefined): number | undefined {
  if (text === undefined || !/^\s*\d{1,10}\s*$/.test(text)) return undefined;
  const value = Number(text);
  return value <= NUMBER_MAX ? value : undefined;
}
