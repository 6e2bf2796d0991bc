import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { isAbsolute, join, relative, resolve } from "node:path";
import { AppError } from "../errors.ts";

const FOLDER = ".github/workflows";
/** Twice the largest that GitHub runs; the reader says so with the place. */
const FILE_MAX_BYTES = 4 * 1024 * 1024;

export type WorkflowText = {
  /** Relative to the repository's top. */
  readonly path: string;
  readonly text: string;
};

export type FoundWorkflows = {
  readonly files: readonly WorkflowText[];
  /** A folder was named: only what the event triggers counts. */
  readonly isFolder: boolean;
};

/** The file that `asked` names (a path from the repository's top, a file name in .github/workflows, or a path from here), or all of a folder. */
export function findWorkflows(root: string, asked: string): FoundWorkflows {
  const candidates = isAbsolute(asked)
    ? [asked]
    : [join(root, asked), join(root, FOLDER, asked), resolve(asked)];
  const found = candidates.find((path) => existsSync(path));
  if (found === undefined) {
    const there = namesIn(join(root, FOLDER));
    throw new AppError(
      "bad_request",
      `There is no workflow "${asked}".`,
      there.length === 0 ? `${root} has no ${FOLDER}.` : `In ${FOLDER}: ${there.join(", ")}.`,
    );
  }
  if (!statSync(found).isDirectory()) return { files: [read(root, found)], isFolder: false };
  const names = namesIn(found);
  if (names.length === 0)
    throw new AppError("bad_request", `There is no workflow in ${found}.`, "Name a folder with .yml files.");
  return { files: names.map((name) => read(root, join(found, name))), isFolder: true };
}

function namesIn(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => /\.ya?ml$/u.test(name))
    .sort();
}

function read(root: string, file: string): WorkflowText {
  if (statSync(file).size > FILE_MAX_BYTES)
    throw new AppError(
      "too_large",
      `${file} is larger than ${FILE_MAX_BYTES} bytes.`,
      "Name a workflow file.",
    );
  const inside = relative(root, file);
  return {
    path: inside.startsWith("..") ? file : inside,
    text: readFileSync(file, "utf8"),
  };
}
