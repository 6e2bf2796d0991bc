// (h) A JUnit file of 20 MB, from finding it in the work tree to its events, beside Python's own expat reader (C), which counts the same
// cases and keeps no texts. Each in a process of its own, whose start does not count; turn about.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createCollector } from "../runner-bootstrap/boxd/results/collect.ts";
import { ms, percentile, report } from "./report.ts";

type Reading = { readonly ms: number; readonly mib: number; readonly counts: string };

const ROUNDS = Number(process.env["BENCH_ROUNDS"] ?? 10);
const MIB = 1024 * 1024;

const PYTHON = `
import json, resource, sys, time, xml.parsers.expat
counts = {"testcase": 0, "failure": 0, "skipped": 0}
def start(name, attributes):
    if name in counts: counts[name] += 1
began = time.perf_counter()
parser = xml.parsers.expat.ParserCreate()
parser.StartElementHandler = start
with open(sys.argv[1], "rb") as file: parser.ParseFile(file)
ms = (time.perf_counter() - began) * 1000
told = "%d %d %d" % (counts["testcase"] - counts["failure"] - counts["skipped"], counts["failure"], counts["skipped"])
print(json.dumps({"ms": ms, "mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, "counts": told}))
`;

const [tree] = process.argv.slice(2);
if (tree === undefined) compare();
else await readHere(tree);

function compare(): void {
  const dir = mkdtempSync(join(tmpdir(), "crabbox-bench-"));
  try {
    const tree = join(dir, "tree");
    mkdirSync(tree);
    const before = join(dir, "execute");
    writeFileSync(before, "");
    const file = join(tree, "junit.xml");
    writeFileSync(file, junit(20 * MIB));
    const self = fileURLToPath(import.meta.url);
    const python = (): Reading | null =>
      json(spawnSync("python3", ["-c", PYTHON, file], { encoding: "utf8" }).stdout);
    const ours: Reading[] = [];
    const theirs: Reading[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const mine = json(execFileSync(process.execPath, [self, tree], { encoding: "utf8" }));
      if (mine !== null) ours.push(mine);
      const other = python();
      if (other !== null) theirs.push(other);
    }
    const told = new Set([...ours, ...theirs].map(({ counts }) => counts));
    if (told.size !== 1) throw new Error(`they do not agree: ${[...told].join("; ")}`);
    const p50 = (all: readonly Reading[], what: "ms" | "mib") =>
      percentile(
        all.map((one) => one[what]),
        0.5,
      );
    const rate = statSync(file).size / MIB / (p50(ours, "ms") / 1000);
    report({
      what: `20 MB of JUnit, ${[...told][0] ?? ""} passed, failed, skipped; p50 of ${ROUNDS} (ours ${rate.toFixed(0)} MiB/s)`,
      ours: ms(p50(ours, "ms")),
      beside: theirs.length === 0 ? "no python3" : `${ms(p50(theirs, "ms"))} Python's expat, counting only`,
      ratio: theirs.length === 0 ? null : p50(ours, "ms") / p50(theirs, "ms"),
      target: 2,
    });
    report({
      what: "the same: memory resident at the most",
      ours: `${p50(ours, "mib").toFixed(0)} MiB`,
      beside: theirs.length === 0 ? "" : `${p50(theirs, "mib").toFixed(0)} MiB`,
      ratio: null,
      target: null,
    });
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

async function readHere(tree: string): Promise<void> {
  const began = performance.now();
  const collector = createCollector({
    tree,
    begun: join(tree, "..", "execute"),
    patterns: undefined,
    clean: (text) => text,
  });
  const events = await collector.collect(new AbortController().signal);
  const taken = performance.now() - began;
  const results = events.find((event) => event.e === "results");
  const counts = results === undefined ? "" : `${results.passed} ${results.failed} ${results.skipped}`;
  console.log(JSON.stringify({ ms: taken, mib: process.resourceUsage().maxRSS / 1024, counts }));
}

/** As jest-junit and pytest write it: names, times, now and then a stack. */
function junit(sizeBytes: number): string {
  const stack = Array.from(
    { length: 12 },
    (_, at) =>
      `    at Object.&lt;anonymous&gt; (/home/runner/work/shop/src/module-${at}/cart.test.ts:${at + 10}:17)`,
  ).join("\n");
  const parts = [
    '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="all">\n<testsuite name="cart">\n',
  ];
  let size = 0;
  for (let n = 0; size < sizeBytes; n += 1) {
    const inside =
      n % 50 === 0
        ? `><failure message="expected ${n} to be &lt; 3" type="AssertionError">AssertionError: expected\n${stack}</failure></testcase>\n`
        : n % 50 === 1
          ? "><skipped/></testcase>\n"
          : "/>\n";
    const part = `  <testcase classname="src.cart.module" name="adds ${n} things to the cart &amp; keeps them" time="0.0${n % 100}"${inside}`;
    parts.push(part);
    size += part.length;
  }
  parts.push("</testsuite>\n</testsuites>\n");
  return parts.join("");
}

function json(text: string): Reading | null {
  return text === "" ? null : (JSON.parse(text) as Reading);
}
