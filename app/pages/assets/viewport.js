/**
 * Shows the few rows that are in view of any number of them. The place is kept as a row and pixels into it, so that rows may be
 * of any height and the log longer than a browser can make an element; the scroll bar only follows.
 */

/** Browsers end elements at some 17 to 33 million pixels. */
const MAX_SPACER_PX = 8_000_000;
const OVERSCAN_ROWS = 4;
/** Room kept at both ends of the scroll bar while there is more to see. */
const EDGE_PX = 60;
const SETTLE_MS = 150;

/**
 * @param {{ scroller: HTMLElement, spacer: HTMLElement, layer: HTMLElement, rows: HTMLElement,
 *   rowElement: (n: number) => HTMLElement, onView: (first: number, last: number) => void, onUserScroll: (atEnd: boolean) => void, onResize: () => void }} deps
 */
export function createViewport({
  scroller,
  spacer,
  layer,
  rows,
  rowElement,
  onView,
  onUserScroll,
  onResize,
}) {
  let total = 0;
  let top = { row: 0, px: 0 };
  let wrap = true;
  let rowPx = 20;
  let first = 0;
  let last = 0;
  let spacerPx = 0;
  let lastScroll = 0;
  let lastHeight = scroller.clientHeight;
  let settle = 0;
  let frame = 0;

  const height = () => scroller.clientHeight;
  const screenRows = () => Math.ceil(height() / rowPx) + 1;
  const heightOf = (n) =>
    wrap && n >= first && n < last ? (rows.children[n - first]?.offsetHeight ?? rowPx) : rowPx;

  /** Carries whole rows over from the pixels into the row. */
  const normalise = () => {
    while (top.px < 0 && top.row > 0) top = { row: top.row - 1, px: top.px + heightOf(top.row - 1) };
    if (top.px < 0) top = { row: 0, px: 0 };
    if (!wrap) top = { row: top.row + Math.floor(top.px / rowPx), px: top.px % rowPx };
    while (top.row < total - 1 && top.px >= heightOf(top.row))
      top = { row: top.row + 1, px: top.px - heightOf(top.row) };
    if (top.row > total - 1) top = { row: Math.max(0, total - 1), px: 0 };
  };
  const fill = () => {
    const around = wrap ? screenRows() : OVERSCAN_ROWS;
    first = Math.max(0, top.row - around);
    last = Math.min(total, top.row + screenRows() + OVERSCAN_ROWS);
    const made = [];
    for (let n = first; n < last; n += 1) made.push(rowElement(n));
    rows.replaceChildren(...made);
  };
  const shift = () => {
    const at = rows.children[top.row - first];
    return (wrap ? (at?.offsetTop ?? 0) : (top.row - first) * rowPx) + top.px;
  };
  /** Never more empty space below the last row than the log itself is short. */
  const pullDown = () => {
    const missing = height() - (rows.offsetHeight - shift());
    if (last < total || missing <= 0 || (top.row === 0 && top.px === 0)) return false;
    top = { ...top, px: top.px - missing };
    normalise();
    return true;
  };
  const isAtEnd = () => last >= total && rows.offsetHeight - shift() - height() < 2;

  const place = () => {
    const isWhole = first === 0 && last === total && rows.offsetHeight <= height();
    const wanted = isWhole ? 0 : Math.max(total * rowPx, wrap ? height() + 20 * EDGE_PX : 0);
    const next = Math.min(wanted, MAX_SPACER_PX);
    if (next !== spacerPx) {
      spacerPx = next;
      spacer.style.height = `${spacerPx}px`;
    }
  };
  /** The bar's place for what is shown. */
  const barPx = () => {
    const room = Math.max(0, spacerPx - height());
    if (room === 0 || (top.row === 0 && top.px === 0)) return 0;
    if (isAtEnd()) return room;
    const rowsAbove = Math.max(1, total - height() / rowPx);
    const share = Math.min(1, (top.row + top.px / heightOf(top.row)) / rowsAbove);
    const isExact = !wrap && total * rowPx <= MAX_SPACER_PX;
    return isExact ? share * room : Math.min(Math.max(share * room, EDGE_PX), room - EDGE_PX);
  };
  const moveBar = () => {
    const wanted = barPx();
    if (Math.abs(scroller.scrollTop - wanted) > 1) scroller.scrollTop = wanted;
    lastScroll = scroller.scrollTop;
  };

  const render = (keepBar = false) => {
    cancelAnimationFrame(frame);
    frame = 0;
    const box = getComputedStyle(layer);
    rowPx = Number.parseFloat(box.getPropertyValue("--row")) || 20;
    layer.style.height = `${height()}px`;
    normalise();
    fill();
    // Rows above are measured only once they are there: twice is enough.
    for (let turn = 0; turn < 2 && pullDown(); turn += 1) fill();
    place();
    rows.style.transform = `translateY(${-shift()}px)`;
    if (!keepBar) moveBar();
    onView(first, last);
  };
  const soon = () => {
    if (frame === 0) frame = requestAnimationFrame(() => render(true));
  };

  const onScroll = () => {
    const now = scroller.scrollTop;
    const moved = now - lastScroll;
    if (Math.abs(moved) < 0.5) return;
    // The window was resized and the browser moved the bar: nobody scrolled, and what was at the end stays there.
    if (height() !== lastHeight) return;
    lastScroll = now;
    const room = Math.max(1, spacerPx - height());
    if (Math.abs(moved) <= height()) {
      top = { ...top, px: top.px + moved };
      normalise();
    } else {
      const at = (now / room) * Math.max(0, total - height() / rowPx);
      top = now >= room - 1 ? { row: total, px: 0 } : { row: Math.floor(at), px: (at % 1) * rowPx };
      normalise();
    }
    clearTimeout(settle);
    const isAtEdge = now <= 0 || now >= room;
    settle = setTimeout(moveBar, isAtEdge ? 0 : SETTLE_MS);
    render(true);
    onUserScroll(isAtEnd());
  };
  scroller.addEventListener("scroll", onScroll, { passive: true });
  new ResizeObserver(() => {
    lastHeight = height();
    onResize();
    render();
  }).observe(scroller);

  return {
    /** Row at the top of the view. */
    get row() {
      return top.row;
    },
    get isAtEnd() {
      return isAtEnd();
    },
    setTotal(next) {
      total = next;
    },
    setWrap(next) {
      wrap = next;
      render();
    },
    /** Draws again, soon. */
    refresh: soon,
    toStart() {
      top = { row: 0, px: 0 };
      render();
    },
    toEnd() {
      top = { row: Math.max(0, total - 1), px: 0 };
      render();
    },
    /** Puts row `n` a third below the top. */
    toRow(n) {
      top = { row: Math.max(0, Math.min(n, total - 1)), px: 0 };
      normalise();
      fill();
      top = { ...top, px: top.px - height() / 3 };
      render();
    },
    by(screens) {
      top = { ...top, px: top.px + screens * height() };
      render();
    },
    isInView(n) {
      const element = rows.children[n - first];
      if (element === undefined) return false;
      const box = element.getBoundingClientRect();
      const frameBox = scroller.getBoundingClientRect();
      return box.top >= frameBox.top && box.bottom <= frameBox.bottom;
    },
  };
}
