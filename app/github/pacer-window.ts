/** Costs booked over a sliding span of time. */
export type SlidingWindow = {
  /** Milliseconds until `cost` fits below `share` (0 to 1) of the window; 0 when it fits now. */
  waitMs(cost: number, share: number, nowMs: number): number;
  book(cost: number, nowMs: number): void;
  /** True when nothing of the span is booked any more. */
  isEmpty(nowMs: number): boolean;
};

type Booking = { readonly at: number; readonly cost: number };

/** A window of at most `max` within `spanMs`; remembers one booking per unit of cost at most. */
export function createSlidingWindow(spanMs: number, max: number): SlidingWindow {
  let bookings: Booking[] = [];
  let first = 0;
  let sum = 0;

  function forget(nowMs: number): void {
    for (let booking = bookings[first]; booking !== undefined; booking = bookings[first]) {
      if (booking.at > nowMs - spanMs) break;
      sum -= booking.cost;
      first += 1;
    }
    if (first > bookings.length / 2) {
      bookings = bookings.slice(first);
      first = 0;
    }
  }

  return {
    waitMs(cost, share, nowMs) {
      forget(nowMs);
      // One call always fits into an empty window, however small the settings make it.
      const limit = Math.max(cost, max * share);
      let over = sum + cost - limit;
      if (over <= 0) return 0;
      for (let i = first; i < bookings.length; i += 1) {
        const booking = bookings[i];
        if (booking === undefined) break;
        over -= booking.cost;
        if (over <= 0) return booking.at + spanMs - nowMs;
      }
      return spanMs;
    },
    book(cost, nowMs) {
      forget(nowMs);
      bookings.push({ at: nowMs, cost });
      sum += cost;
    },
    isEmpty(nowMs) {
      forget(nowMs);
      return sum === 0;
    },
  };
}
