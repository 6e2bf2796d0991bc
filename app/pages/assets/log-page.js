import { onKeys } from "./keys.js";
import { listen } from "./live.js";
import { createRenewal } from "./renew.js";
import { createRowStore } from "./row-store.js";
import { rowElement } from "./row-view.js";
import { createSearchBar } from "./search-bar.js";
import { showFault, showHead } from "./status.js";
import { createViewport } from "./viewport.js";

const element = (id) => document.getElementById(id);
const base = new URL(document.body.dataset.log, location.href.replace(/[?#].*$/u, "")).href;
const RESUME_MS = 1000;

const state = {
  attempt: Number(document.body.dataset.attempt),
  follow: false,
  wrap: true,
  times: false,
  marked: -1,
  done: false,
  bad: false,
  started: false,
};

const address = (path, query) => {
  const url = new URL(`${base}/${path}`);
  for (const [key, value] of Object.entries(query)) url.searchParams.set(key, String(value));
  if (state.attempt > 0) url.searchParams.set("attempt", String(state.attempt));
  return url.href;
};

const store = createRowStore({
  url: (from, count) => address("lines", { from, count }),
  onRows: () => view.refresh(),
  onFault: showFault,
});
const search = createSearchBar({
  url: (q, from) => address("search", { q, from }),
  row: () => view.row,
  redraw: () => view.refresh(),
  show(row) {
    setFollow(false);
    if (view.isInView(row)) view.refresh();
    else view.toRow(row);
  },
  leave: () => element("log").focus(),
  say,
});
const view = createViewport({
  scroller: element("log"),
  spacer: element("spacer"),
  layer: element("layer"),
  rows: element("rows"),
  rowElement: (n) =>
    rowElement({
      n,
      row: store.get(n),
      needle: search.needle,
      marked: n === state.marked || n === search.current,
      times: state.times,
      total: store.total,
    }),
  onView: (first, last) => store.want(first, last),
  onUserScroll(atEnd) {
    if (!atEnd) setFollow(false);
    else if (!state.done) setFollow(true);
  },
  onResize() {
    if (state.follow) view.toEnd();
  },
});

const renewal = createRenewal({
  isBusy: () =>
    (state.started && !state.follow) || search.needle !== "" || !document.getSelection().isCollapsed,
});

function say(text) {
  element("said").textContent = text;
}

function setFollow(on) {
  if (state.follow === on) return;
  state.follow = on;
  element("follow").setAttribute("aria-pressed", String(on));
  if (on) view.toEnd();
}

function toggle(name, apply) {
  state[name] = !state[name];
  element(name).setAttribute("aria-pressed", String(state[name]));
  document.body.classList.toggle(name, state[name]);
  apply?.();
}
const toggleWrap = () => toggle("wrap", () => view.setWrap(state.wrap));
const toggleTimes = () => toggle("times", () => view.refresh());

function showStatus(status) {
  state.done = status.done;
  state.bad = status.tone === "bad";
  element("follow").disabled = status.done;
  if (showHead(status) && status.done) say(status.title);
  if (status.done) {
    renewal.ended();
    setFollow(false);
  }
  if (status.attempt !== state.attempt && status.attempt > 0) {
    state.attempt = status.attempt;
    store.clear();
    search.restart();
  }
  element("download").href = address("download", {});
}

let resumeTimer = 0;
function showLog({ attempt, rows, lines }) {
  if (attempt !== state.attempt) return;
  store.grow(rows, lines);
  view.setTotal(rows);
  element("empty").hidden = rows > 0;
  element("total").textContent = `${rows.toLocaleString()} ${rows === 1 ? "line" : "lines"}`;
  if (!state.started) start();
  else if (state.follow) view.toEnd();
  else view.refresh();
  if (state.marked >= rows - 1) showHash();
  if (search.needle === "" || resumeTimer !== 0) return;
  resumeTimer = setTimeout(() => {
    resumeTimer = 0;
    search.resume();
  }, RESUME_MS);
}

/** At the linked line; at the end of a log under way or of one that ended badly; else at the begin. */
function start() {
  state.started = true;
  if (showHash()) return;
  if (!state.done) setFollow(true);
  else if (state.bad || renewal.wasAtEnd) view.toEnd();
  else view.toStart();
}

function showHash() {
  const line = Number(/^#L(\d{1,15})$/u.exec(location.hash)?.[1] ?? 0);
  if (line < 1) return false;
  state.marked = line - 1;
  setFollow(false);
  view.toRow(state.marked);
  return true;
}

element("follow").addEventListener("click", () => setFollow(!state.follow));
element("wrap").addEventListener("click", toggleWrap);
element("times").addEventListener("click", toggleTimes);
element("rows").addEventListener("click", (event) => {
  const link = event.target.closest?.("a.number");
  if (link === null || link === undefined || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  history.replaceState(null, "", link.hash);
  state.marked = Number(link.hash.slice(2)) - 1;
  view.refresh();
});
addEventListener("hashchange", showHash);

onKeys({
  "/": () => element("query").focus(),
  n: () => search.step(1),
  N: () => search.step(-1),
  f: () => state.done || setFollow(!state.follow),
  g: () => (setFollow(false), view.toStart()),
  G: () => (view.toEnd(), state.done || setFollow(true)),
  Home: () => (setFollow(false), view.toStart()),
  End: () => (view.toEnd(), state.done || setFollow(true)),
  PageUp: () => (setFollow(false), view.by(-0.9)),
  PageDown: () => view.by(0.9),
  w: toggleWrap,
  t: toggleTimes,
});
document.body.classList.add("wrap");
listen({
  url: `${base}/stream`,
  probe: `${base}/run.json`,
  onStatus: showStatus,
  onLog: showLog,
  onFault: showFault,
});
