import { createWriteStream } from "node:fs";
import { finished } from "node:stream/promises";

/** `at`: number of the line. */
type Form = (random: () => number, at: number) => string;

const FORMS: readonly Form[] = [
  (r, at) => `[${at % 4_000}/4000] Building CXX object src/CMakeFiles/engine.dir/${name(r)}.cc.o`,
  (r) => `src/${name(r)}.ts:${pick(r, 900)}:${pick(r, 80)}: warning: value is declared here [-Wunused]`,
  (r) => ` \u2713 test/${name(r)}.test.ts (${pick(r, 40)} tests) ${pick(r, 900)}ms`,
  (r, at) => `${new Date(1_800_000_000_000 + at * 7).toISOString()} INFO request took ${pick(r, 900)} ms`,
  (r) => `Downloaded ${name(r)} v${pick(r, 20)}.${pick(r, 20)}.0 from the registry (cached)`,
];
const WORDS =
  "alpha box cache delta engine frame git host index job key lease mask node order pack queue row step task".split(
    " ",
  );

/**
 * Writes a log such as builds and tests print, the same each time; `bytes` at least. It packs as real ones do (those of vitest, npm
 * and apt shrink to a sixth).
 */
export async function writeBuildLog(path: string, bytes: number): Promise<void> {
  let state = 1;
  // Park and Miller's, so that every round and every machine has the same log.
  const random = () => (state = (state * 48_271) % 0x7fff_ffff) / 0x7fff_ffff;
  const out = createWriteStream(path, { mode: 0o644 });
  let at = 0;
  for (let size = 0; size < bytes; at += 1) {
    const line = `${FORMS[pick(random, FORMS.length)]?.(random, at) ?? ""}\n`;
    size += Buffer.byteLength(line);
    out.write(line);
  }
  out.end();
  await finished(out);
}

function pick(random: () => number, below: number): number {
  return Math.floor(random() * below);
}

function name(random: () => number): string {
  return `${WORDS[pick(random, WORDS.length)] ?? ""}-${WORDS[pick(random, WORDS.length)] ?? ""}`;
}
