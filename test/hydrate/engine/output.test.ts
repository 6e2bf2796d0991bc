import fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { EngineEvent } from "../../../runner-bootstrap/boxd/steps/host.ts";
import { newMemory, newShown, newStep } from "../../../runner-bootstrap/boxd/steps/engine/job.ts";
import { makeJob } from "../../../runner-bootstrap/boxd/steps/engine/make-job.ts";
import { openOutput } from "../../../runner-bootstrap/boxd/steps/engine/output.ts";
import { openBench } from "./local-host.ts";
import { planOf } from "./plans.ts";

type Read = { readonly log: string; readonly events: readonly EngineEvent[]; readonly longest: number };

/** What comes of output that arrives in these pieces. */
function read(pieces: readonly Uint8Array[]): Read {
  const logged: Buffer[] = [];
  const bench = openBench({ log: (_, text) => void logged.push(Buffer.from(text)) });
  const job = makeJob(planOf([]), bench.host);
  const step = newStep(job, {
    stage: "main",
    isNested: false,
    id: null,
    scope: {},
    github: {},
    inputs: {},
    condition: undefined,
    memory: newMemory(),
    shown: newShown(job),
  });
  const output = openOutput(step);
  for (const piece of pieces) output.write(piece);
  output.end();
  bench.remove();
  return {
    log: Buffer.concat(logged).toString("utf8"),
    events: bench.events,
    longest: Math.max(0, ...logged.map(({ length }) => length)),
  };
}

const cut = (text: string, at: readonly number[]): Buffer[] => {
  const bytes = Buffer.from(text);
  const places = [0, ...at.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return places.slice(1).map((end, index) => bytes.subarray(places[index], end));
};

describe("output", () => {
  it("means the same however it is cut", () => {
    const part = fc.constantFrom(
      "::error::",
      "::warning file=ä.ts::",
      "x\n",
      "\n",
      " ",
      "##[notice]",
      "é",
      "::",
      ":",
      "#",
      "\r\n",
      "text",
      "\r",
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 30 }), fc.array(fc.nat(), { maxLength: 12 }), (parts, at) => {
        const text = parts.join("");
        // Text before "##[" on a line that has gone out already cannot be called back.
        fc.pre(!/[^\n\r]##\[/.test(text) && !/##?$|##?[^[#]/.test(text) && !text.includes("\r"));
        expect(read(cut(text, at))).toMatchObject({ log: read([Buffer.from(text)]).log });
      }),
      { numRuns: 300 },
    );
  });

  it("is never lost when there is no command in it", () => {
    const part = fc.constantFrom("::err", ":", "::", "#", "##", "a", "\n", "\r", " ", "\t", "::x::", "##[y]");
    fc.assert(
      fc.property(fc.array(part, { maxLength: 40 }), fc.array(fc.nat(), { maxLength: 12 }), (parts, at) => {
        const text = parts.join("");
        expect(read(cut(text, at)).log).toBe(text);
      }),
      { numRuns: 300 },
    );
  });

  it("goes out at once when it cannot be a command, without its line's end", () => {
    const seen: string[] = [];
    const bench = openBench({ log: (_, text) => void seen.push(Buffer.from(text).toString()) });
    const job = makeJob(planOf([]), bench.host);
    const shown = newShown(job);
    const step = newStep(job, {
      stage: "main",
      isNested: false,
      id: null,
      scope: {},
      github: {},
      inputs: {},
      condition: undefined,
      memory: newMemory(),
      shown,
    });
    const output = openOutput(step);
    output.write(Buffer.from("10%.."));
    expect(seen).toEqual(["10%.."]);
    output.write(Buffer.from("::error::"));
    output.write(Buffer.from("x\n::err"));
    expect(seen.join("")).toBe("10%..::error::x\n");
    output.write(Buffer.from("or::y"));
    output.end();
    expect(seen.join("")).toBe("10%..::error::x\nError: y\n");
    bench.remove();
  });

  it("takes a carriage return for a line's end, as the official runner", () => {
    expect(read([Buffer.from("50%\r::error::a\r\nb\r::notice::c\n")]).log).toBe(
      "50%\rError: a\nb\rNotice: c\n",
    );
  });

  it("keeps back a line that may be a command only up to a bound", () => {
    const piece = Buffer.alloc(64 * 1024, "y");
    const pieces = [
      Buffer.from("::warning::"),
      ...Array.from({ length: 64 }, () => piece),
      Buffer.from("\n::error::z\n"),
    ];
    const result = read(pieces);
    expect(result.log.length).toBe(11 + 64 * piece.length + 1 + "Error: z\n".length);
    expect(result.longest).toBeLessThan(2 * 1024 * 1024);
    expect(result.events.length).toBe(1);
  });
});
