import { createSearch } from "./search.js";

const PAUSE_MS = 250;
const element = (id) => document.getElementById(id);

/**
 * The search field with its count and buttons.
 * @param {{ url: (needle: string, from: number) => string, row: () => number, redraw: () => void, show: (row: number) => void,
 *   leave: () => void, say: (text: string) => void }} deps
 */
export function createSearchBar({ url, row, redraw, show, leave, say }) {
  const search = createSearch({ url, onChange: () => changed() });
  let hit = -1;
  let timer = 0;

  const count = () => {
    const { hits, busy, full, failed, needle } = search;
    const more = full ? "+" : busy ? "…" : "";
    if (failed) return "failed";
    if (needle === "") return "";
    if (hits.length === 0) return busy ? "…" : "none";
    const place = hit >= 0 ? `${(hit + 1).toLocaleString()} of ` : "";
    return `${place}${hits.length.toLocaleString()}${more}`;
  };
  const draw = () => {
    element("count").textContent = count();
    for (const id of ["previous", "next"]) element(id).disabled = search.hits.length === 0;
    redraw();
  };
  const go = (next) => {
    hit = next;
    if (hit === -1) return;
    show(search.hits[hit]);
    draw();
    say(`Match ${hit + 1} of ${search.hits.length}, line ${search.hits[hit] + 1}`);
  };
  const changed = () => {
    // The first match in or below the view, as soon as the search has got that far.
    const reached = !search.busy || (search.hits.at(-1) ?? -1) >= row();
    if (hit === -1 && search.hits.length > 0 && reached) go(search.from(row() - 1, 1));
    draw();
    if (!search.busy && search.needle !== "" && search.hits.length === 0) say("No matches");
  };
  const start = () => {
    clearTimeout(timer);
    const wanted = element("query").value;
    if (wanted.toLowerCase() === search.needle) return false;
    hit = -1;
    search.start(wanted);
    return true;
  };
  const step = (direction) => go(search.from(search.hits[hit] ?? row(), direction));

  element("query").addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(start, PAUSE_MS);
  });
  element("query").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !start()) step(event.shiftKey ? -1 : 1);
    if (event.key !== "Escape") return;
    element("query").value = "";
    start();
    leave();
  });
  element("next").addEventListener("click", () => step(1));
  element("previous").addEventListener("click", () => step(-1));

  return {
    get needle() {
      return search.needle;
    },
    /** Row of the match that is stepped to, or undefined. */
    get current() {
      return search.hits[hit];
    },
    step,
    /** Looks through what came since. */
    resume: () => search.resume(),
    /** From the begin, in another log. */
    restart() {
      hit = -1;
      search.start(element("query").value);
    },
  };
}
