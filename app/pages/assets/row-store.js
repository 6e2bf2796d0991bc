/** Rows in blocks, as many blocks as a few screens need; what is missing is fetched when it is wanted. */

const BLOCK_ROWS = 200;
const MAX_BLOCKS = 40;
const MAX_FETCHES = 3;
const RETRY_MS = 1500;

/** @param {{ url: (from: number, count: number) => string, onRows: () => void, onFault: (status: number) => void }} deps */
export function createRowStore({ url, onRows, onFault }) {
  /** @type {Map<number, any[]>} */ const blocks = new Map();
  /** @type {Map<number, AbortController>} */ const fetching = new Map();
  let total = 0;
  let notBefore = 0;
  let generation = 0;

  const put = (row) => {
    const block = Math.floor(row.n / BLOCK_ROWS);
    const rows = blocks.get(block) ?? [];
    rows[row.n % BLOCK_ROWS] = row;
    blocks.delete(block);
    blocks.set(block, rows);
  };
  const missingIn = (block, first, last) => {
    const rows = blocks.get(block);
    for (let n = first; n < last; n += 1) if (rows?.[n % BLOCK_ROWS] === undefined) return n;
    return -1;
  };
  const load = async (block, from) => {
    const control = new AbortController();
    const mine = generation;
    fetching.set(block, control);
    try {
      const end = Math.min((block + 1) * BLOCK_ROWS, total);
      const response = await fetch(url(from, end - from), {
        signal: control.signal,
        referrerPolicy: "no-referrer",
      });
      if (!response.ok) {
        notBefore = Date.now() + RETRY_MS;
        onFault(response.status);
        return;
      }
      const { rows } = await response.json();
      if (mine !== generation) return;
      if (rows.length === 0) notBefore = Date.now() + RETRY_MS;
      for (const row of rows) put(row);
      while (blocks.size > MAX_BLOCKS) blocks.delete(blocks.keys().next().value);
      onFault(0);
    } catch (error) {
      if (control.signal.aborted) return;
      notBefore = Date.now() + RETRY_MS;
      onFault(-1);
      console.warn("log lines could not be fetched", error);
    } finally {
      if (fetching.get(block) === control) fetching.delete(block);
      onRows();
    }
  };

  return {
    get total() {
      return total;
    },
    get: (n) => blocks.get(Math.floor(n / BLOCK_ROWS))?.[n % BLOCK_ROWS],
    /** Asks for rows `first` to `last`; calls `onRows` when some came. What is no longer wanted is given up. */
    want(first, last) {
      const firstBlock = Math.floor(first / BLOCK_ROWS);
      const lastBlock = Math.floor(Math.max(first, last - 1) / BLOCK_ROWS);
      for (const [block, control] of fetching) if (block < firstBlock || block > lastBlock) control.abort();
      if (Date.now() < notBefore) {
        setTimeout(onRows, RETRY_MS);
        return;
      }
      for (let block = firstBlock; block <= lastBlock; block += 1) {
        if (fetching.has(block) || fetching.size >= MAX_FETCHES) continue;
        const from = missingIn(
          block,
          Math.max(first, block * BLOCK_ROWS),
          Math.min(last, (block + 1) * BLOCK_ROWS),
        );
        if (from !== -1) void load(block, from);
      }
    },
    /** The log grew to `rows`; `open`: the row that may still change. `lines` came along. */
    grow(rows, lines) {
      const last = blocks.get(Math.floor((total - 1) / BLOCK_ROWS));
      if (last !== undefined && total > 0) last[(total - 1) % BLOCK_ROWS] = undefined;
      total = rows;
      for (const row of lines ?? []) put(row);
    },
    clear() {
      generation += 1;
      for (const control of fetching.values()) control.abort();
      blocks.clear();
      total = 0;
    },
  };
}
