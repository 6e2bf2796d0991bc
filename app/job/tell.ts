import { TextDecoder } from "node:util";
import type { JobResult } from "../../runner-bootstrap/boxd/steps/host.ts";
import type { YamlMap } from "../../runner-bootstrap/boxd/steps/plan.ts";
import type { Said } from "./local-host.ts";

/** Who listens to a workflow that runs on this machine. */
export type Teller = {
  /** A job begins; `job` is its id. */
  begin(job: string, name: string): void;
  said(job: string, said: Said): void;
  /** A job has ended, or was never started. */
  end(job: string, matrix: YamlMap | null, result: JobResult): void;
  /** Something that belongs to no job. */
  note(text: string): void;
};

/** One JSON object a line on `out`: `log`, `step`, `annotation` ... while it runs, and `job` with the result of each job. */
export function tellJson(out: { write(text: string): unknown }): Teller {
  const line = (value: object): void => void out.write(`${JSON.stringify(value)}\n`);
  const decoders = new Map<string, TextDecoder>();
  return {
    begin: (job, name) => line({ type: "begin", job, name }),
    said(job, said) {
      if (said.kind === "log") {
        const key = `${job} ${said.step}`;
        // A chunk may end within a character.
        const decoder = decoders.get(key) ?? new TextDecoder();
        decoders.set(key, decoder);
        const text = decoder.decode(said.text, { stream: true });
        if (text !== "") line({ type: "log", job, step: said.step, text });
        return;
      }
      const { e, n, ...rest } = { n: null, ...said.event };
      line({ type: e, job, ...(n === null ? {} : { step: n }), ...rest });
    },
    end(job, matrix, result) {
      const steps = result.steps
        // Setting up and closing down is told of only when the job failed for it.
        .filter(({ stage, outcome }) => stage !== "setup" || outcome !== "success")
        .map(({ id, name, outcome, conclusion, outputs, ms }) => ({
          id,
          name,
          outcome,
          conclusion,
          outputs,
          ms,
        }));
      const { conclusion, outputs } = result;
      line({ type: "job", job, matrix: matrix ?? {}, conclusion, steps, outputs });
    },
    note: (text) => line({ type: "note", text }),
  };
}

const MARKS = { success: "✓", failure: "✗", cancelled: "■", skipped: "-" } as const;

/** For people: the log of each step as it comes, a line at its end, and the jobs' results. */
export function tellPeople(out: { write(text: string | Uint8Array): unknown }): Teller {
  let shown = "";
  let endsLine = true;
  const text = (value: string): void => {
    if (!endsLine) out.write("\n");
    endsLine = true;
    out.write(`${value}\n`);
  };
  return {
    begin: (job, name) => text(`== ${name === job ? job : `${name} (${job})`}`),
    said(job, said) {
      if (said.kind === "log") {
        const key = `${job} ${said.step}`;
        if (shown !== key && !endsLine) text("");
        shown = key;
        out.write(said.text);
        endsLine = said.text.at(-1) === 0x0a;
        return;
      }
      const { event } = said;
      if (event.e === "step" && event.at === "begin") text(`-- ${event.name}`);
      else if (event.e === "step" && event.at === "end")
        text(`${MARKS[event.conclusion]}  ${event.name} (${event.ms} ms)${ignored(event)}`);
      else if (event.e === "note") text(event.text);
    },
    end(job, matrix, result) {
      const values = matrix === null ? "" : ` ${JSON.stringify(matrix)}`;
      text(`${MARKS[result.conclusion]}  job ${job}${values}: ${result.conclusion}\n`);
    },
    note: (value) => text(value),
  };
}

function ignored({ outcome, conclusion }: { readonly outcome: string; readonly conclusion: string }): string {
  return outcome === conclusion ? "" : `: ${outcome}, and the job goes on`;
}
