import type { Page } from "playwright-core";

/**
 * What would keep somebody from reading or working a page: text of less contrast than WCAG AA, controls and pictures without a name,
 * a missing landmark, title, language or first heading, the same id twice, and a page wider than its window.
 */
export function faultsOfAccess(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(`(${inPage.toString()})()`);
}

/** Runs in the page: nothing from outside of it is in reach. */
function inPage(): string[] {
  const page = globalThis as unknown as {
    document: PageDocument;
    getComputedStyle: (one: unknown) => Style;
    innerWidth: number;
  };
  type Style = {
    color: string;
    backgroundColor: string;
    fontSize: string;
    fontWeight: string;
    visibility: string;
  };
  type Rect = { width: number; height: number };
  type One = {
    tagName: string;
    id: string;
    parentElement: One | null;
    childNodes: { nodeType: number; nodeValue: string }[];
    textContent: string;
    labels?: unknown[];
    type?: string;
    getAttribute: (name: string) => string | null;
    getBoundingClientRect: () => Rect;
    closest: (selector: string) => One | null;
  };
  type PageDocument = {
    title: string;
    documentElement: One & { lang: string; scrollWidth: number };
    querySelectorAll: (selector: string) => Iterable<One>;
  };
  const found: string[] = [];
  const all = (selector: string): One[] => [...page.document.querySelectorAll(selector)];
  const named = (one: One): string =>
    one.tagName.toLowerCase() +
    (one.id === "" ? "" : "#" + one.id) +
    " " +
    one.textContent.trim().slice(0, 30);
  if (page.document.documentElement.lang === "") found.push("no language");
  if (page.document.title === "") found.push("no title");
  if (all("main").length !== 1) found.push("not one main");
  if (all("h1").length !== 1) found.push("not one h1");
  if (page.document.documentElement.scrollWidth > page.innerWidth) found.push("wider than its window");
  const ids = all("[id]").map((one) => one.id);
  for (const id of new Set(ids.filter((id, at) => ids.indexOf(id) !== at))) found.push("id twice: " + id);
  for (const one of all("input:not([type=hidden]), textarea, select"))
    if ((one.labels ?? []).length === 0) found.push("no label: " + named(one));
  for (const one of all("a, button, summary"))
    if (one.textContent.trim() === "" && one.getAttribute("aria-label") === null)
      found.push("no name: " + named(one));
  for (const one of all("img")) if (one.getAttribute("alt") === null) found.push("no alt: " + named(one));
  const rgb = (text: string): number[] => (text.match(/[\d.]+/g) ?? []).map(Number);
  const light = ([r = 0, g = 0, b = 0]: number[]): number => {
    const part = (value: number): number =>
      value / 255 <= 0.03928 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4;
    return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  };
  const ground = (one: One | null): number[] => {
    if (one === null) return [255, 255, 255];
    const colour = rgb(page.getComputedStyle(one).backgroundColor);
    return (colour[3] ?? 1) === 0 ? ground(one.parentElement) : colour;
  };
  for (const one of all("body *")) {
    const hasText = [...one.childNodes].some((node) => node.nodeType === 3 && node.nodeValue.trim() !== "");
    const box = one.getBoundingClientRect();
    if (!hasText || box.width < 2 || one.closest("svg") !== null) continue;
    const style = page.getComputedStyle(one);
    const [a, b] = [light(rgb(style.color)), light(ground(one))].sort((x, y) => y - x);
    const ratio = ((a ?? 0) + 0.05) / ((b ?? 0) + 0.05);
    const large =
      Number.parseFloat(style.fontSize) >= 24 ||
      (Number.parseFloat(style.fontSize) >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (large ? 3 : 4.5)) found.push("contrast " + ratio.toFixed(2) + ": " + named(one));
  }
  return found;
}
