// Without script the pages work; with it, what carries data-live is renewed while it is looked at.
const EVERY_MS = 1500;

async function renew() {
  if (document.hidden || document.querySelector("[data-live]") === null) return;
  const answer = await fetch(location.href, { headers: { accept: "text/html" } });
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of document.querySelectorAll("[data-live]")) {
    const next = fresh.getElementById(part.id);
    // Where somebody is about to press or type, nothing moves.
    if (next === null || part.contains(document.activeElement) || part.outerHTML === next.outerHTML) continue;
    part.replaceWith(document.importNode(next, true));
  }
}

function loop() {
  renew()
    .catch(() => undefined)
    .finally(() => setTimeout(loop, EVERY_MS));
}

setTimeout(loop, EVERY_MS);
