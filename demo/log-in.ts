import type { Control } from "./github/control.ts";

/** The App runs on this machine; it may be in the middle of a restart. */
const TIMEOUT_MS = 10_000;

/** Somebody's browser at the App's pages: it logs in when it has to. */
export type Reader = {
  /** Fails when the App does not answer. */
  get(url: string): Promise<Response>;
};

/** Reads the App's pages as `login`, through the offline GitHub's log-in. */
export function createReader(control: Control, login: string): Reader {
  let cookie = "";
  const get = (url: string, sent: string): Promise<Response> =>
    fetch(url, {
      redirect: "manual",
      headers: sent === "" ? {} : { cookie: sent },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });

  async function logIn(origin: string): Promise<string> {
    const asked = await get(`${origin}/login`, "");
    const url = asked.headers.get("location");
    if (url === null) return "";
    const { location } = await control.approveLogin({ url, login });
    return cookiesOf(await get(location, cookiesOf(asked)));
  }

  return {
    async get(url) {
      const first = await get(url, cookie);
      // A page sends to the log-in, what its script asks for says that one is needed.
      if (first.status !== 401 && first.status !== 303) return first;
      await first.body?.cancel();
      cookie = await logIn(new URL(url).origin);
      return get(url, cookie);
    },
  };
}

function cookiesOf(response: Response): string {
  return response.headers
    .getSetCookie()
    .filter((line) => !line.includes("Max-Age=0"))
    .map((line) => line.split(";")[0] ?? "")
    .join("; ");
}
