// (b) A gigabyte of zeros and of a build's log, and five million lines, from the box into the App's log store, beside
// `ssh host CMD > file` over the same server.
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import { openBoxStage } from "./box-stage.ts";
import { writeBuildLog } from "./build-log.ts";
import { percentile, report } from "./report.ts";
import { streamByApp, streamByHand, warmPages } from "./stream-rounds.ts";

import type { BoxStage } from "./box-stage.ts";
import type { Memory } from "./stream-rounds.ts";

const ROUNDS = Number(process.env["BENCH_STREAM_ROUNDS"] ?? 5);
const MIB = 1024 * 1024;
const LOG_CAP_BYTES = 2_048 * MIB;
const PAUSE_MS = 1_500;
/** As fast as plain ssh. */
const TIME_MAX = 1;
/** Largest minus smallest while a stream runs: batches, SSH's windows, what V8 lets lie. A gigabyte goes through. */
const GROWTH_MAX_MIB = 160;
const SHOWN_SAMPLES = 12;

/** Piece of a build's log; packing looks back less far, so that its repeating is not seen. */
const PIECE_BYTES = 16 * MIB;

type Stream = { readonly name: string; readonly command: string; readonly bytes: number };

const box = await openBoxStage({ logs: { cap: LOG_CAP_BYTES } });
// Sandboxes hide the directories for temporary files.
const shown = mkdtempSync("/srv/crabbox-bench-");
chmodSync(shown, 0o755);
const piece = join(shown, "build.log");
const STREAMS: readonly Stream[] = [
  { name: "1 GiB of zeros", command: "head -c 1073741824 /dev/zero", bytes: 1_024 * MIB },
  {
    name: "1 GiB of a build's log",
    command: `for i in $(seq 64); do cat ${piece}; done`,
    bytes: 64 * PIECE_BYTES,
  },
  { name: "5 million lines", command: "seq 5000000", bytes: 38_888_896 },
];
try {
  await writeBuildLog(piece, PIECE_BYTES);
  await streamByApp(box, "true", 0);
  for (const stream of STREAMS) await compare(box, stream);
} catch (error) {
  console.log(box.stage.app.log().slice(-4_000));
  throw error;
} finally {
  await box.close();
  rmSync(shown, { recursive: true, force: true });
}

/** Turn about; who is first changes with the round. */
async function compare(on: BoxStage, { name, command, bytes }: Stream): Promise<void> {
  const hand: number[] = [];
  const app: number[] = [];
  const memory: (readonly Memory[])[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const both = [
      async () => {
        hand.push(await streamByHand(on, command, bytes));
      },
      async () => {
        const streamed = await streamByApp(on, command, bytes);
        app.push(streamed.ms);
        memory.push(streamed.memory);
      },
    ];
    for (const one of round % 2 === 0 ? both : both.reverse()) {
      await pause(PAUSE_MS);
      warmPages(on);
      await one();
    }
  }
  for (const [label, share] of [
    ["p50", 0.5],
    ["slowest", 1],
  ] as const) {
    const ours = percentile(app, share);
    const other = percentile(hand, share);
    report({
      what: `${name}, command to store, ${label} of ${ROUNDS}`,
      ours: seconds(ours),
      beside: `${seconds(other)} ssh > file`,
      ratio: ours / other,
      target: share === 1 ? null : TIME_MAX,
    });
  }
  for (const who of ["app", "supervisor", "front"] as const) {
    tellMemory(
      name,
      who,
      memory.map((samples) => samples.map((one) => one[who]).filter((mib) => mib > 0)),
    );
  }
}

function tellMemory(name: string, who: string, streams: readonly (readonly number[])[]): void {
  const growth = Math.max(...streams.map((mib) => (mib.length === 0 ? 0 : Math.max(...mib) - (mib[0] ?? 0))));
  const last = streams.at(-1) ?? [];
  const step = Math.max(1, Math.ceil(last.length / SHOWN_SAMPLES));
  console.log(
    `  ${who}, MiB resident over the last stream: ${last
      .filter((_, index) => index % step === 0)
      .map((mib) => mib.toFixed(0))
      .join(" ")}`,
  );
  report({
    what: `${name}, memory of ${who}: largest`,
    ours: `${Math.max(0, ...streams.flat()).toFixed(0)} MiB`,
    beside: `grew ${growth.toFixed(0)} MiB`,
    ratio: null,
    target: `grows at most ${GROWTH_MAX_MIB} MiB`,
    isMet: growth <= GROWTH_MAX_MIB,
  });
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(2)} s`;
}
