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
  let before = null;
  for (const child of next.children) {
    const old = known.get(child.id);
    known.delete(child.id);
    if (old !== undefined) before = exchange(old, child);
    else {
      const made = document.importNode(child, true);
      if (before === null) part.prepend(made);
      else before.after(made);
      before = made;
    }
  }
  for (const gone of known.values()) gone.remove();
}

// Where somebody is about to press or type, nothing moves. Answers what stands there now.
function exchange(old, next) {
  if (old.outerHTML === next.outerHTML || old.contains(document.activeElement)) return old;
  const made = document.importNode(next, true);
  old.replaceWith(made);
  return made;
}

function loop() {
  renew()
    .catch(() => undefined)
    .finally(() => setTimeout(loop, EVERY_MS));
}

setTimeout(loop, EVERY_MS);
