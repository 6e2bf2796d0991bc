const element = (id) => document.getElementById(id);

/** Writes the head of the page; answers whether the title changed. */
export function showHead({ title, tone, done, phases }) {
  element("dot").dataset.tone = tone;
  if (done) element("empty").textContent = "No output.";
  const list = element("phases");
  list.replaceChildren(...phases.map(phaseItem));
  // On a phone they are one row that scrolls: the newest matters.
  list.scrollLeft = list.scrollWidth;
  if (element("title").textContent === title) return false;
  element("title").textContent = title;
  document.title = document.title.replace(/^.* · /u, () => `${title} · `);
  return true;
}

/** Says that something is wrong with the connection: an HTTP status, -1 for none, 0 takes it back. */
export function showFault(status) {
  const banner = element("banner");
  const text = FAULTS[status] ?? "The server cannot be reached at the moment; trying again.";
  if (banner.textContent === text) return;
  banner.textContent = text;
  banner.hidden = text === "";
}

const FAULTS = {
  0: "",
  401: "You are not logged in any more. Reload the page to log in.",
  404: "This link has expired, or you may not see it any more. Open the check run on GitHub for a current one.",
};

const SVG = "http://www.w3.org/2000/svg";

function lane(from, share) {
  const drawing = document.createElementNS(SVG, "svg");
  drawing.setAttribute("class", "lane");
  drawing.setAttribute("aria-hidden", "true");
  const bar = document.createElementNS(SVG, "rect");
  bar.setAttribute("x", `${from}%`);
  bar.setAttribute("width", `${share}%`);
  bar.setAttribute("height", "100%");
  drawing.append(bar);
  return drawing;
}

function phaseItem({ name, duration, result, from, share }) {
  const item = document.createElement("li");
  item.dataset.result = result.split(":")[0];
  item.title = result;
  const label = document.createElement("span");
  label.className = "name";
  label.textContent = name;
  const took = document.createElement("span");
  took.className = "took";
  took.textContent = duration;
  const said = document.createElement("span");
  said.className = "result";
  said.textContent = result;
  item.append(label, took, said, lane(from, share));
  return item;
}
