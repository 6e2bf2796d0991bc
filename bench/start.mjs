// `npm run bench [-- a b ...]`: sets up a fresh clone, runs the benches by letter, one after the other, and closes with one table of
// everything measured. Plain JavaScript, because it runs before anything is installed. The exit code is 1 when a bench broke, not
// when a target was missed: a busy machine is no fault.
import { spawn } from "node:child_process";
import { cpus, loadavg, release, totalmem, type } from "node:os";
import { fileURLToPath } from "node:url";
import { ensureInstalled, NODE } from "../setup.mjs";

const BENCHES = {
  a: "warm-run.ts",
  b: "stream.ts",
  c: "intake.ts",
  d: "queue.ts",
  e: "docker-cold.ts",
  f: "pages.ts",
  g: "job.ts",
  h: "junit.ts",
};
const COLUMNS = ["what", "ours", "beside", "ratio", "target", ""];

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !(name in BENCHES));
if (unknown.length > 0) {
  process.stderr.write(
    `There is no bench ${unknown.join(", ")}; there are ${Object.keys(BENCHES).join(", ")}.\n`,
  );
  process.exit(2);
}
await ensureInstalled();
console.log(machine());
const rows = [];
const broken = [];
for (const name of asked.length === 0 ? Object.keys(BENCHES) : asked) {
  console.log(`\n== ${name}: ${BENCHES[name]} (load ${loadavg()[0].toFixed(1)})`);
  const { code, told } = await run(BENCHES[name]);
  if (code !== 0) broken.push(name);
  rows.push(
    ...told.map((row) => [`(${name}) ${row.what}`, row.ours, row.beside, row.ratio, row.target, row.verdict]),
  );
}
if (rows.length > 0) console.log(`\n${machine()}\n\n${table([COLUMNS, ...rows])}`);
if (broken.length > 0) console.log(`\nbroke: ${broken.join(", ")}`);
process.exit(broken.length > 0 ? 1 : 0);

/** One bench as a process of its own on Node 24; its rows come over the channel as they are measured. */
function run(file) {
  const path = fileURLToPath(new URL(file, import.meta.url));
  return new Promise((resolve) => {
    const told = [];
    const child = spawn(NODE, ["--disable-warning=ExperimentalWarning", path], {
      stdio: ["inherit", "inherit", "inherit", "ipc"],
    });
    child.on("message", (row) => told.push(row));
    child.on("error", (error) => {
      process.stderr.write(`${error.message}\n`);
      resolve({ code: 1, told });
    });
    child.on("close", (code) => resolve({ code: code ?? 1, told }));
  });
}

function machine() {
  const [cpu] = cpus();
  const gib = (totalmem() / 2 ** 30).toFixed(1);
  const load = loadavg()
    .map((one) => one.toFixed(1))
    .join(" ");
  return `${new Date().toISOString().slice(0, 10)}, ${cpus().length} x ${cpu?.model.trim()}, ${gib} GiB, ${type()} ${release()}, load ${load}`;
}

function table(lines) {
  const widths = COLUMNS.map((_, column) => Math.max(...lines.map((line) => String(line[column]).length)));
  const written = lines.map(
    (line) => `| ${line.map((cell, column) => String(cell).padEnd(widths[column])).join(" | ")} |`,
  );
  const rule = `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`;
  return [written[0], rule, ...written.slice(1)].join("\n");
}
