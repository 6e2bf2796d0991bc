/**
 * Aborts with the first of `signals` that does, for its reason. In the stead of `AbortSignal.any`, which on Node 20 forgets its sources
 * at the next collection, so that a time-out never comes (nodejs/node issue 57736; boxes may have that Node); later ones forget one that is only asked (65995).
 */
export function eitherOf(signals: readonly AbortSignal[]): AbortSignal {
  const either = new AbortController();
  for (const signal of signals) {
    if (signal.aborted) {
      either.abort(signal.reason);
      break;
    }
    // Gone with the first that aborts: the others may live as long as the task.
    const once = { once: true, signal: either.signal };
    signal.addEventListener("abort", () => either.abort(signal.reason), once);
  }
  return either.signal;
}
