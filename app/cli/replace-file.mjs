import { renameSync, writeFileSync } from "node:fs";

/** Writes a file whole, or not at all: who reads it meanwhile has the old one. Throws where it cannot be written. */
export function replaceFile(path, contents) {
  const own = `${path}.${process.pid}`;
  writeFileSync(own, contents);
  renameSync(own, path);
}
