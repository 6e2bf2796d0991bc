/** Problem matchers over a program's lines, with a bound on the time that expressions of strangers may take. */

import { existsSync } from "node:fs";
import { dirname, isAbsolute, join, normalize, resolve } from "node:path";
import { createContext, Script, type Context } from "node:vm";

import type { Step } from "./job.ts";
import { type Match, type Matcher, matchLine, newRunning, type Running } from "./matcher.ts";
import { pathInRepository } from "./annotate.ts";
import { isRoomFor, issue, type Level, put, warn } from "./say.ts";

export type Matching = {
  isOn(): boolean;
  /** Plain lines, the last perhaps without its end. */
  pass(lines: Buffer): void;
  end(): void;
};

/** For all lines that came at once; the runner allows a second for each line (OutputManager.cs). */
const TIME_MAX_MS = 1000;
/** Characters of a line that matchers see; compilers' lines are shorter. */
const LINE_MAX_CHARS = 16_384;

/** Escape sequences for colours, as the runner strips them. */
const COLORS = new RegExp(`${String.fromCodePoint(27)}\\[[0-9;]*m?`, "g");
const LEVELS: Readonly<Record<string, Level>> = {
  "": "failure",
  error: "failure",
  warning: "warning",
  notice: "notice",
};

let guard: { readonly script: Script; readonly context: Context } | undefined;

export function openMatching(step: Step): Matching {
  let known = step.job.matchers;
  let own: { matcher: Matcher; running: Running }[] = known.map(begin);

  const renew = (): void => {
    if (known === step.job.matchers) return;
    known = step.job.matchers;
    own = known.map((matcher) => own.find((one) => one.matcher === matcher) ?? begin(matcher));
  };

  /** Goes on at `from`; gives the line it stopped at when the time was over. */
  const match = (texts: readonly string[], from: number, found: (Match | null)[]): number => {
    let at = from;
    let current: Matcher | null = null;
    const isDone = inTime(() => {
      for (; at < texts.length; at += 1) {
        found[at] = null;
        for (const one of own) {
          current = one.matcher;
          const result = matchLine(one.matcher, one.running, texts[at] ?? "");
          if (result === null) continue;
          for (const other of own) if (other !== one) other.running.fill(null);
          if (levelOf(result) === undefined) continue;
          found[at] = result;
          break;
        }
      }
    });
    if (!isDone) {
      const owner = (current as Matcher | null)?.owner ?? "";
      warn(
        step,
        `The problem matcher '${owner}' is out of force: its expressions took more than ${TIME_MAX_MS} ms.`,
      );
      own = own.filter((one) => one.matcher !== current);
    }
    return at;
  };

  return {
    isOn: () => step.job.matchers.length > 0,
    pass(lines) {
      renew();
      if (own.length === 0) {
        put(step, lines);
        return;
      }
      const parts = lines.toString("utf8").split("\n");
      const isOpen = parts.at(-1) !== "";
      if (!isOpen) parts.pop();
      const texts = parts.map((line) =>
        line.slice(0, LINE_MAX_CHARS).replace(/\r$/, "").replaceAll(COLORS, ""),
      );
      const found: (Match | null)[] = [];
      for (let at = 0; at < texts.length;) at = match(texts, at, found);
      for (const [at, line] of parts.entries()) {
        const result = found[at] ?? null;
        if (result === null) put(step, Buffer.from(isOpen && at === parts.length - 1 ? line : `${line}\n`));
        else report(step, result, texts[at] ?? "");
      }
    },
    end() {
      own = [];
    },
  };
}

function begin(matcher: Matcher): { matcher: Matcher; running: Running } {
  return { matcher, running: newRunning(matcher) };
}

/** Without a message or with an unknown severity it is no problem. */
function levelOf(match: Match): Level | undefined {
  return (match.message ?? "").trim() === "" ? undefined : LEVELS[(match.severity ?? "").toLowerCase()];
}

function report(step: Step, match: Match, line: string): void {
  const level = levelOf(match) ?? "failure";
  const path = isRoomFor(step, level) ? fileOf(step, match) : undefined;
  const lineNumber = numberOf(match.line);
  const column = numberOf(match.column);
  issue(
    step,
    level,
    match.message ?? "",
    {
      ...((match.code ?? "").trim() === "" ? {} : { title: (match.code ?? "").trim() }),
      ...(path === undefined ? {} : { path }),
      ...(lineNumber === undefined ? {} : { line: lineNumber }),
      ...(column === undefined ? {} : { column }),
    },
    line,
  );
}

/** The file as the repository knows it, if it is there at all. */
function fileOf(step: Step, match: Match): string | undefined {
  const { workspace } = step.job.host.places;
  let file = match.file ?? "";
  if (file.trim() === "" || file.includes("\0")) return undefined;
  const from = match.fromPath ?? "";
  if (from.trim() !== "" && !isAbsolute(file)) file = join(dirname(from), file);
  if (isAbsolute(file) && step.job.container !== null) file = step.job.container.outside(file);
  const path = resolve(workspace, normalize(file));
  if (!path.startsWith(`${workspace}/`) || !existsSync(path)) return undefined;
  return pathInRepository(step, path);
}

function numberOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

/** Runs it under a watch that can end an expression which does not come back. False when the time was over. */
function inTime(work: () => void): boolean {
  guard ??= { script: new Script("work()"), context: createContext(Object.create(null) as object) };
  guard.context["work"] = work;
  try {
    guard.script.runInContext(guard.context, { timeout: TIME_MAX_MS });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_SCRIPT_EXECUTION_TIMEOUT") throw error;
    return false;
  }
}
