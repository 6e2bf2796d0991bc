// (a) A warm run: from the delivery, and from the task's sending, to the command's first byte, beside git by hand over an open connection.
import { setTimeout as pause } from "node:timers/promises";

import { openBoxStage } from "./box-stage.ts";
import { makeLargeRepository } from "./large-repository.ts";
import { ms, percentile, report } from "./report.ts";
import { createRounds } from "./warm-rounds.ts";

import type { Rounds } from "./warm-rounds.ts";

const ROUNDS = Number(process.env["BENCH_ROUNDS"] ?? 30);
const SLOW_ROUNDS = Math.ceil(ROUNDS / 2);
/** A person's pause between two commands; what the App does after a run is then over. */
const PAUSE_MS = 1_500;
const SLOW_API_MS = 120;
/** What a warm run is meant to cost beside git by hand. */
const FROM_SENT_MAX = 1;
const FROM_DELIVERY_MAX = 1.5;
const CALLS_IN_A_ROW_MAX = 2;

type Kind = "unchanged" | "one commit";
type Samples = { readonly hand: number[]; readonly sent: number[]; readonly delivery: number[] };

const box = await openBoxStage();
try {
  const rounds = await createRounds(box, makeLargeRepository(box.dir));
  await compare(rounds);
  await slowApi(rounds);
  await local(rounds);
} catch (error) {
  console.log(box.stage.app.log().slice(-4_000));
  throw error;
} finally {
  await box.close();
}

/** Ours and by hand, turn about, over the same server; who is first changes with the round. */
async function compare(rounds: Rounds): Promise<void> {
  const samples: Record<Kind, Samples> = { unchanged: empty(), "one commit": empty() };
  await rounds.warmUp("lab");
  for (let round = 0; round < ROUNDS; round += 1) {
    await rounds.push();
    for (const kind of ["one commit", "unchanged"] as const) {
      const both = [
        async () => {
          const taken = await rounds.ours("lab");
          samples[kind].sent.push(taken.sentMs);
          samples[kind].delivery.push(taken.deliveryMs);
        },
        async () => {
          samples[kind].hand.push(await rounds.byHand());
        },
      ];
      for (const one of round % 2 === 0 ? both : both.reverse()) {
        await pause(PAUSE_MS);
        await one();
      }
    }
  }
  for (const kind of ["unchanged", "one commit"] as const) {
    for (const [name, share] of [
      ["p50", 0.5],
      ["p95", 0.95],
    ] as const) {
      const hand = percentile(samples[kind].hand, share);
      const add = (from: string, values: readonly number[], target: number) => {
        const ours = percentile(values, share);
        const what = `${kind}, from ${from} to first byte, ${name} of ${values.length}`;
        report({ what, ours: ms(ours), beside: `${ms(hand)} by hand`, ratio: ours / hand, target });
      };
      add("task sent", samples[kind].sent, FROM_SENT_MAX);
      add("delivery", samples[kind].delivery, FROM_DELIVERY_MAX);
    }
  }
}

/** The same with a GitHub that takes its time: what counts is how many calls wait for one another. */
async function slowApi(rounds: Rounds): Promise<void> {
  await rounds.latency(SLOW_API_MS);
  const seen = [];
  for (let round = 0; round < SLOW_ROUNDS; round += 1) {
    await rounds.push();
    await pause(PAUSE_MS);
    seen.push(await rounds.ours("lab"));
  }
  await rounds.latency(0);
  const row = Math.max(...seen.map(({ callsInARow }) => callsInARow));
  const writes = seen.reduce((sum, { contentWrites }) => sum + contentWrites, 0);
  const delivery = seen.map(({ deliveryMs }) => deliveryMs);
  report({
    what: `GitHub ${SLOW_API_MS} ms a call, one commit: calls in a row before the task is sent, most of ${seen.length}`,
    ours: `${row}`,
    beside: "",
    ratio: null,
    target: `at most ${CALLS_IN_A_ROW_MAX}`,
    isMet: row <= CALLS_IN_A_ROW_MAX,
  });
  report({
    what: "the same: comments, reactions and checks written before the first byte",
    ours: `${writes}`,
    beside: "",
    ratio: null,
    target: "none",
    isMet: writes === 0,
  });
  report({
    what: "the same: from delivery to first byte, p50",
    ours: ms(percentile(delivery, 0.5)),
    beside: `p95 ${ms(percentile(delivery, 0.95))}`,
    ratio: null,
    target: null,
  });
}

/** For information: the same on a box on the App's own machine. */
async function local(rounds: Rounds): Promise<void> {
  await rounds.warmUp("local");
  const samples = empty();
  for (let round = 0; round < SLOW_ROUNDS; round += 1) {
    await pause(PAUSE_MS);
    const taken = await rounds.ours("local");
    samples.sent.push(taken.sentMs);
    samples.delivery.push(taken.deliveryMs);
  }
  for (const [from, values] of Object.entries({ "task sent": samples.sent, delivery: samples.delivery })) {
    report({
      what: `local box, unchanged, from ${from} to first byte, p50`,
      ours: ms(percentile(values, 0.5)),
      beside: `p95 ${ms(percentile(values, 0.95))}`,
      ratio: null,
      target: null,
    });
  }
}

function empty(): Samples {
  return { hand: [], sent: [], delivery: [] };
}
