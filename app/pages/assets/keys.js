/** Calls what belongs to a key, unless somebody types, holds a modifier, or nothing belongs to it. @param {Record<string, () => void>} keys */
export function onKeys(keys) {
  addEventListener("keydown", (event) => {
    const isTyping = event.target instanceof HTMLInputElement;
    const act = Object.hasOwn(keys, event.key) ? keys[event.key] : undefined;
    if (isTyping || event.ctrlKey || event.metaKey || event.altKey || act === undefined) return;
    event.preventDefault();
    act();
  });
}
