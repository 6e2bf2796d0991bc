/** Where results are looked for, and how much of them is read. */

/** Without `results` in crabbox.yml: where the usual test runners write when nothing else is said. */
export const WELL_KNOWN = [
  "**/junit.xml",
  "**/junit-*.xml",
  "**/TEST-*.xml",
  "**/test-results.xml",
  "**/test-report.xml",
  "**/test-results/**/*.xml",
  "**/test-reports/**/*.xml",
  "**/reports/junit*.xml",
  "*.tap",
  "test-results/**/*.tap",
] as const;

/** Folders that `**` does not enter: a repository's history, and code of others. Naming one in a pattern does. */
export const NOT_ENTERED: ReadonlySet<string> = new Set([
  ".git",
  ".gradle",
  ".tox",
  ".venv",
  ".yarn",
  "__pycache__",
  "node_modules",
  "site-packages",
]);

/** Folders within folders. */
export const DEPTH_MAX = 16;
/** Names read from folders; a walk of so many takes about a second. */
export const NAMES_MAX = 300_000;
/** Gradle and surefire write a file a class. */
export const FILES_MAX = 2_000;
/** The worst file has 100 MB. */
export const FILE_MAX_BYTES = 128 * 1024 * 1024;
export const ALL_FILES_MAX_BYTES = 512 * 1024 * 1024;
/** All of it; well within the minute that a lease has behind its task's deadline. */
export const COLLECT_MAX_MS = 15_000;
