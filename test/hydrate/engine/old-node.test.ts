import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";

import { runJob } from "../../../runner-bootstrap/boxd/steps/engine/run-job.ts";
import { openBench } from "./local-host.ts";
import { carried, composite, planOf, uses } from "./plans.ts";

const RUNS = { using: "node20", main: "main.js" } as const;

test("actions that ask for an old Node are told once each: local ones as written, inside a composite, too", async () => {
  const bench = openBench();
  onTestFinished(bench.remove);
  const place = join(bench.host.places.actions, "it");
  mkdirSync(join(place, "tool"), { recursive: true });
  for (const dir of [place, join(place, "tool")]) writeFileSync(join(dir, "main.js"), "");
  const tool = {
    name: "./tool",
    source: { kind: "archive", archive: "it", path: "tool" },
    definition: { name: "t", inputs: {}, outputs: {}, runs: RUNS },
  } as const;
  const outer = carried("octo/outer", "it", {
    runs: composite([uses("./tool"), uses("./tool"), uses("octo/js@v1")]),
  });
  const js = carried("octo/js", "it", { runs: RUNS });
  const { conclusion } = await runJob(
    planOf([uses("octo/outer@v1"), uses("./tool", {}, { id: "named" }), uses("octo/js@v1")], {
      actions: { "octo/outer@v1": outer, "octo/js@v1": js, "./tool": tool },
    }),
    bench.host,
  );
  expect(conclusion).toBe("success");
  expect(bench.events.flatMap((event) => (event.e === "note" ? [event.text] : []))).toEqual([
    "./tool asks for node20; it runs on Node 24, as all JavaScript actions here.",
    "octo/js asks for node20; it runs on Node 24, as all JavaScript actions here.",
  ]);
});
