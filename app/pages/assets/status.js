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

const FAULTS = { 0: "", 404: "This link has expired. Open the check run on GitHub for a current one." };

function phaseItem({ name, duration, result }) {
  const item = document.createElement("li");
  item.dataset.result = result.split(":")[0];
  item.title = result;
  const label = document.createElement("span");
  label.textContent = name;
  const took = document.createElement("span");
  took.className = "took";
  took.textContent = duration;
  item.append(label, took);
  return item;
}
