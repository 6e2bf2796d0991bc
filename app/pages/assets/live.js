const AGAIN_MS = 2000;
/** The server's answers that stay as they are: logged out, or nothing (any more) to see. */
const FINAL = new Set([401, 403, 404, 410]);

/**
 * The run's state and the log's growth, as the server tells them. The browser reconnects by itself and says where it was; where it gives up,
 * because the server answered with an error, `probe` tells which, and all but those that stay so are tried again.
 * @param {{ url: string, probe: string, onStatus: (status: any) => void, onLog: (log: any) => void, onFault: (status: number) => void }} deps
 */
export function listen({ url, probe, onStatus, onLog, onFault }) {
  const source = new EventSource(url);
  source.addEventListener("open", () => onFault(0));
  source.addEventListener("status", (event) => onStatus(JSON.parse(event.data)));
  source.addEventListener("log", (event) => onLog(JSON.parse(event.data)));
  source.addEventListener("end", () => source.close());
  source.addEventListener("error", () => {
    if (source.readyState === EventSource.CLOSED) void givenUp();
    else onFault(-1);
  });

  async function givenUp() {
    const status = await statusOf(probe);
    const isFinal = FINAL.has(status);
    onFault(isFinal ? status : -1);
    if (!isFinal) setTimeout(() => listen({ url, probe, onStatus, onLog, onFault }), AGAIN_MS);
  }
}

async function statusOf(url) {
  try {
    return (await fetch(url)).status;
  } catch {
    return -1;
  }
}
