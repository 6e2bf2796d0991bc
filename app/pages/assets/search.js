/** A search on the server, read as it is found. */

/** More places than anybody steps through. */
const MAX_HITS = 10_000;

/** @param {{ url: (needle: string, from: number) => string, onChange: () => void }} deps */
export function createSearch({ url, onChange }) {
  /** @type {number[]} */ let hits = [];
  let needle = "";
  let next = 0;
  let control = new AbortController();
  let busy = false;
  let failed = false;

  const read = async (signal) => {
    // The last row may have been unfinished then, and is looked at again.
    hits = hits.filter((hit) => hit < next);
    const response = await fetch(url(needle, next), { signal, referrerPolicy: "no-referrer" });
    if (!response.ok) throw new Error(`search answered ${response.status}`);
    const lines = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    let ended = true;
    for (;;) {
      const { value, done } = await lines.read();
      if (done) return ended;
      const parts = (rest + value).split("\n");
      rest = parts.pop() ?? "";
      for (const part of parts) {
        const message = JSON.parse(part);
        if (message.hits !== undefined) hits.push(...message.hits);
        else ({ next, ended } = message);
      }
      onChange();
    }
  };
  const run = async () => {
    control.abort();
    control = new AbortController();
    const { signal } = control;
    busy = true;
    failed = false;
    try {
      while (!(await read(signal)) && hits.length < MAX_HITS) onChange();
    } catch (error) {
      if (signal.aborted) return;
      failed = true;
      console.warn("the search failed", error);
    }
    busy = false;
    onChange();
  };

  return {
    get needle() {
      return needle.toLowerCase();
    },
    get hits() {
      return hits;
    },
    get busy() {
      return busy;
    },
    get failed() {
      return failed;
    },
    get full() {
      return hits.length >= MAX_HITS;
    },
    /** Starts anew; an empty needle ends it. */
    start(wanted) {
      control.abort();
      needle = wanted;
      hits = [];
      next = 0;
      busy = false;
      if (needle !== "") void run();
      onChange();
    },
    /** Looks through what came since. */
    resume() {
      if (needle !== "" && !busy && hits.length < MAX_HITS) void run();
    },
    /** The first hit after `row` (before it, when `step` is -1), around the ends; -1 without hits. */
    from(row, step) {
      if (hits.length === 0) return -1;
      const after = hits.findIndex((hit) => (step > 0 ? hit > row : hit >= row));
      if (step > 0) return after === -1 ? 0 : after;
      return after === -1 ? hits.length - 1 : (after - 1 + hits.length) % hits.length;
    },
  };
}
