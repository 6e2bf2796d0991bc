/**
 * Types that browsers show without running anything of them, by the name's end; all else is saved. No HTML, SVG, PDF or XML: those are programs or
 * documents with links of their own. Texts of any kind are plain text.
 */
const SHOWN: Readonly<Record<string, string>> = {
  csv: "text/plain; charset=utf-8",
  gif: "image/gif",
  jpeg: "image/jpeg",
  jpg: "image/jpeg",
  json: "text/plain; charset=utf-8",
  log: "text/plain; charset=utf-8",
  md: "text/plain; charset=utf-8",
  png: "image/png",
  tap: "text/plain; charset=utf-8",
  txt: "text/plain; charset=utf-8",
  webp: "image/webp",
  yml: "text/plain; charset=utf-8",
};
const SAVED = "application/octet-stream";

/** How a file of that name is answered; `mayShow` false: always to be saved. The name in the header is its last part, in RFC 6266's two forms. */
export function contentType(
  name: string,
  mayShow: boolean,
): { readonly type: string; readonly disposition: string } {
  const base = name.split("/").at(-1) ?? name;
  const end = /\.([a-z0-9]{1,8})$/iu.exec(base)?.[1]?.toLowerCase() ?? "";
  const type = mayShow && Object.hasOwn(SHOWN, end) ? (SHOWN[end] ?? SAVED) : SAVED;
  const plain = base.replaceAll(/[^A-Za-z0-9._-]/gu, "_").replace(/^\.+/u, "_");
  const encoded = encodeURIComponent(base.toWellFormed()).replaceAll(
    /['()*]/gu,
    (char) => `%${char.codePointAt(0)?.toString(16).toUpperCase()}`,
  );
  const what = type === SAVED ? "attachment" : "inline";
  return { type, disposition: `${what}; filename="${plain}"; filename*=UTF-8''${encoded}` };
}
