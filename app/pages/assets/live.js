/**
 * The run's state and the log's growth, as the server tells them. The browser reconnects by itself and says where it was.
 * @param {{ url: string, onStatus: (status: any) => void, onLog: (log: any) => void, onLink: (state: "open" | "trying" | "closed") => void }} deps
 */
export function listen({ url, onStatus, onLog, onLink }) {
  const source = new EventSource(url);
  source.addEventListener("open", () => onLink("open"));
  source.addEventListener("status", (event) => onStatus(JSON.parse(event.data)));
  source.addEventListener("log", (event) => onLog(JSON.parse(event.data)));
  source.addEventListener("end", () => source.close());
  source.addEventListener("error", () =>
    onLink(source.readyState === EventSource.CLOSED ? "closed" : "trying"),
  );
  return { close: () => source.close() };
}
