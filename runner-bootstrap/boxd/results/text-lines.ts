/** Bytes to lines of text, in bounded memory. */

export type TextLines = { push(bytes: Uint8Array): void; end(): void };

/** Longest line that is looked at; the rest of a longer one is dropped. go test's own lines are under 10 KiB. */
const LINE_MAX = 64 * 1024;

/** Calls back with each line, without its end and CR; the last one also when nothing ends it. What is no UTF-8 becomes U+FFFD. */
export function createTextLines(onLine: (line: string) => void): TextLines {
  const decoder = new TextDecoder();
  let held = "";
  const take = (text: string): void => {
    let from = 0;
    for (;;) {
      const end = text.indexOf("\n", from);
      const room = LINE_MAX - held.length;
      const part = text.slice(from, Math.min(end === -1 ? text.length : end, from + room));
      held = held === "" ? part : held + part;
      if (end === -1) return;
      const line = held;
      held = "";
      from = end + 1;
      onLine(line.endsWith("\r") ? line.slice(0, -1) : line);
    }
  };
  return {
    push: (bytes) => take(decoder.decode(bytes, { stream: true })),
    end() {
      take(decoder.decode());
      if (held !== "") onLine(held);
      held = "";
    },
  };
}
