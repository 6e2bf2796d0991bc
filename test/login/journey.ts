import type { GitHub } from "../../demo/github/launch.ts";

/** A browser without a face: keeps cookies, follows nothing by itself. */
export type Browser = {
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Response>;
  post(
    path: string,
    form: Readonly<Record<string, string>>,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Response>;
  readonly cookies: Map<string, string>;
};

/** A fresh browser that looks at the App at `url`. */
export function browse(url: string): Browser {
  const cookies = new Map<string, string>();
  const send = async (
    path: string,
    init: Omit<RequestInit, "headers"> & { headers: Readonly<Record<string, string>> },
  ) => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const headers = { ...init.headers, ...(cookie === "" ? {} : { cookie }) };
    const response = await fetch(new URL(path, url), { redirect: "manual", ...init, headers });
    for (const line of response.headers.getSetCookie()) {
      const [pair = ""] = line.split(";");
      const at = pair.indexOf("=");
      if (line.includes("Max-Age=0")) cookies.delete(pair.slice(0, at));
      else cookies.set(pair.slice(0, at), pair.slice(at + 1));
    }
    return response;
  };
  return {
    cookies,
    get: (path, headers = {}) => send(path, { headers }),
    post: (path, form, headers = {}) =>
      send(path, { method: "POST", body: new URLSearchParams(form), headers: { ...headers } }),
  };
}

/** Logs in through the offline GitHub as somebody; answers where the log-in led. */
export async function logIn(browser: Browser, github: GitHub, login: string, to = "/"): Promise<string> {
  const asked = await browser.get(`/login?to=${encodeURIComponent(to)}`);
  const { location } = await github.control.approveLogin({
    url: asked.headers.get("location") ?? "",
    login,
  });
  const back = await browser.get(location);
  return back.headers.get("location") ?? "";
}

/** The hidden fields and the address of the first form whose button says `label`. */
export function formOf(html: string, label: string): { action: string; fields: Record<string, string> } {
  const form = [...html.matchAll(/<form[^>]*action="([^"]+)"[^>]*>(.*?)<\/form>/gsu)].find(([, , inner]) =>
    new RegExp(String.raw`<button[^>]*>\s*${label}`, "u").test(inner ?? ""),
  );
  if (form === undefined) throw new Error(`no form with the button ${label} in:\n${html}`);
  const fields = Object.fromEntries(
    [...(form[2] ?? "").matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/gu)].map(
      ([, name, value]) => [name ?? "", value ?? ""],
    ),
  );
  return { action: form[1] ?? "", fields };
}
