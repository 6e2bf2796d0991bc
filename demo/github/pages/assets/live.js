// Without script the pages work; with it, what carries data-live is renewed while it is looked at.
const EVERY_MS = 1500;

async function renew() {
  if (document.hidden || document.querySelector("[data-live]") === null) return;
  const answer = await fetch(location.href, { headers: { accept: "text/html" } });
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of document.querySelectorAll("[data-live]")) {
    const next = fresh.getElementById(part.id);
    if (next !== null) merge(part, next);
  }
}

// Where the children have names, only those that changed are touched: a selection in the others stays.
function merge(part, next) {
  const isNamed = [...part.children, ...next.children].every((child) => child.id !== "");
  if (!isNamed) return exchange(part, next);
  const known = new Map([...part.children].map((child) => [child.id, child]));
  for (const child of next.children) {
    const old = known.get(child.id);
    known.delete(child.id);
    if (old === undefined) part.append(document.importNode(child, true));
    else exchange(old, child);
  }
  for (const gone of known.values()) gone.remove();
}

// Where somebody is about to press or type, nothing moves.
function exchange(old, next) {
  if (old.outerHTML !== next.outerHTML && !old.contains(document.activeElement))
    old.replaceWith(document.importNode(next, true));
}

function loop() {
  renew()
    .catch(() => undefined)
    .finally(() => setTimeout(loop, EVERY_MS));
}

setTimeout(loop, EVERY_MS);
