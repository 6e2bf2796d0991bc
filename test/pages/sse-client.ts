/** A browser's side of server-sent events, as far as tests need it. */
export type Sse = {
  /** The next message of that name; rejects after 20 s. */
  next(name: string): Promise<{ readonly id: string; readonly data: Record<string, unknown> }>;
  readonly response: Response;
  close(): void;
};

const WAIT_MS = 20_000;

export async function openSse(url: string, headers: Readonly<Record<string, string>> = {}): Promise<Sse> {
  const control = new AbortController();
  const response = await fetch(url, { headers, signal: control.signal });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  const waiting: { name: string; id: string; data: Record<string, unknown> }[] = [];
  const pull = async (): Promise<void> => {
    const timer = setTimeout(() => control.abort(new Error("no message came")), WAIT_MS);
    const read = await reader?.read().finally(() => clearTimeout(timer));
    if (read === undefined || read.done) throw new Error("the stream ended");
    const parts = (rest + read.value).split("\n\n");
    rest = parts.pop() ?? "";
    for (const part of parts) {
      const fields = Object.fromEntries(
        part.split("\n").map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 2)]),
      );
      if (fields["event"] === undefined) continue;
      const data = JSON.parse(fields["data"] ?? "{}") as Record<string, unknown>;
      waiting.push({ name: fields["event"], id: fields["id"] ?? "", data });
    }
  };
  return {
    response,
    async next(name) {
      for (;;) {
        const at = waiting.findIndex((message) => message.name === name);
        const [found] = at === -1 ? [] : waiting.splice(0, at + 1).slice(-1);
        if (found !== undefined) return found;
        await pull();
      }
    },
    close: () => control.abort(),
  };
}
