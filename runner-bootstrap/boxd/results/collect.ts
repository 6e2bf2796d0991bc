/** After the command: finds and reads its results, tells them in bounded events. */

import { statSync } from "node:fs";
import { dirname } from "node:path";

import { findFiles } from "./find-files.ts";
import type { FoundFile } from "./find-files.ts";
import type { FromOutput } from "./from-output.ts";
import { createFromOutput } from "./from-output.ts";
import { createLocator } from "./locate.ts";
import type { Locator } from "./locate.ts";
import { ALL_FILES_MAX_BYTES, COLLECT_MAX_MS, FILES_MAX, FILE_MAX_BYTES, WELL_KNOWN } from "./places.ts";
import { readResultFile } from "./read-file.ts";
import type { ResultEvent, ResultFormat } from "./result-events.ts";
import type { Tally } from "./tally.ts";
import { addTallies, createTally } from "./tally.ts";
import { eitherOf } from "../either-of.ts";

export type Collector = {
  /** Hears the command's masked output. */
  readonly heard: FromOutput["push"] | undefined;
  /** To be called once, when nothing of the command runs any more. Empty when there are no results. Never throws. */
  collect(stopped: AbortSignal): Promise<readonly ResultEvent[]>;
};

export type CollectDeps = {
  readonly tree: string;
  /** A file whose ctime is the command's begin, by the clock of the work tree. */
  readonly begun: string;
  /** Patterns of crabbox.yml; undefined: the well-known places; none: nothing is collected. */
  readonly patterns: readonly string[] | undefined;
  /** Masks a text. */
  readonly clean: (text: string) => string;
};

type Read = Omit<Extract<ResultEvent, { e: "results" }>, "e" | "passed" | "failed" | "skipped"> & {
  readonly tallies: readonly Pick<Tally, "counts" | "failures" | "notes">[];
};

/** A collector for one task. */
export function createCollector(deps: CollectDeps): Collector {
  if (deps.patterns?.length === 0) return { heard: undefined, collect: async () => [] };
  let locator: Locator | undefined;
  // Made when it is needed: before the sync there is no work tree.
  const locate: Locator = (failure, from) => (locator ??= createLocator(deps.tree))(failure, from);
  const printed = createTally((failure) => locate(failure), deps.clean);
  const output = createFromOutput(printed.sink);
  let fault: unknown;
  return {
    heard(bytes) {
      // Whatever is wrong with the results, the command's log goes on.
      try {
        if (fault === undefined) output.push(bytes);
      } catch (error) {
        fault = error;
      }
    },
    async collect(stopped) {
      try {
        const signal = eitherOf([stopped, AbortSignal.timeout(COLLECT_MAX_MS)]);
        if (fault !== undefined) throw fault;
        const said = output.end();
        const files = await fromFiles(deps, locate, signal);
        if (files.tallies.length > 0) return told(files);
        if (said === null) return files.notes.length > 0 ? told(files) : [];
        const cut = said.isCut ? ["The output was too long to be read to its end."] : [];
        return told({
          from: "output",
          formats: [said.format],
          files: 0,
          notes: [...cut, ...files.notes],
          tallies: [printed],
        });
      } catch (error) {
        return told({
          from: "files",
          formats: [],
          files: 0,
          notes: [`Results could not be collected: ${String(error)}`],
          tallies: [],
        });
      }
    },
  };
}

async function fromFiles(deps: CollectDeps, locate: Locator, signal: AbortSignal): Promise<Read> {
  const { tree, patterns } = deps;
  const since = statSync(deps.begun, { bigint: true }).ctimeNs;
  const found = await findFiles(tree, patterns ?? WELL_KNOWN, since, signal);
  const formats = new Set<ResultFormat>();
  const tallies: Pick<Tally, "counts" | "failures" | "notes">[] = [];
  const notes: string[] = [];
  if (found.isCut)
    notes.push(`Not every folder was looked through, or more than ${FILES_MAX} files matched.`);
  let readBytes = 0;
  let files = 0;
  for (const file of found.files) {
    if (signal.aborted) {
      notes.push(`Time was up after ${files} of ${found.files.length} files.`);
      break;
    }
    const tooLarge = sizeProblem(file, readBytes);
    if (tooLarge !== null) {
      notes.push(tooLarge);
      continue;
    }
    readBytes += file.sizeBytes;
    const tally = createTally((failure) => locate(failure, dirname(file.path)), deps.clean);
    const read = await readResultFile(tree, file.path, tally.sink, signal);
    if (read.kind === "other") {
      // In a well-known place other things may lie; what somebody named should be results.
      if (patterns !== undefined) notes.push(`${file.path} ${read.message}.`);
      continue;
    }
    files += 1;
    formats.add(read.format);
    if (read.kind === "broken") notes.push(`${file.path} ${read.message}; what came before counts.`);
    tallies.push({
      counts: tally.counts,
      failures: tally.failures,
      notes: tally.notes.map((note) => `${file.path}: ${note}`),
    });
  }
  if (patterns !== undefined && found.files.length === 0)
    notes.push(
      found.older === 0
        ? "No file matches `results` of crabbox.yml."
        : `The ${found.older} files that match \`results\` of crabbox.yml were there before the command.`,
    );
  return { from: "files", formats: [...formats], files, notes, tallies };
}

function sizeProblem({ path, sizeBytes }: FoundFile, readBytes: number): string | null {
  if (sizeBytes > FILE_MAX_BYTES)
    return `${path} is larger than ${FILE_MAX_BYTES / 1024 / 1024} MiB and was not read.`;
  return readBytes + sizeBytes > ALL_FILES_MAX_BYTES
    ? `${path} was not read: there was too much before it.`
    : null;
}

/** Failures first, so that whoever has the counts has them all. */
function told({ tallies, notes, ...read }: Read): readonly ResultEvent[] {
  const all = addTallies([...tallies, { counts: { passed: 0, failed: 0, skipped: 0 }, failures: [], notes }]);
  return [
    ...all.failures.map((failure, i) => ({ e: "failure", i, ...failure }) as const),
    { e: "results", ...read, ...all.counts, notes: all.notes },
  ];
}
