/** Walks pages as a browser without script does: keeps cookies, follows our own redirects, posts the forms it sees. */
export type Walker = {
  get: (url: string) => Promise<Seen>;
  /** Presses a button of the page seen last: the first form whose text contains `label`; `elsewhere` is another address to send it to. */
  press: (label: string, fields?: Record<string, string>, elsewhere?: string) => Promise<Seen>;
};

export type Seen = { url: string; status: number; text: string; headers: Headers };

const HOPS_LIMIT = 10;

/** A walker for one server; an address elsewhere is where it stops. */
export function createWalker(origin: string): Walker {
  const cookies = new Map<string, string>();
  let last: Seen = { url: origin, status: 0, text: "", headers: new Headers() };
  const go = async (start: string, init: RequestInit): Promise<Seen> => {
    let [url, options] = [start, init];
    for (let hop = 0; hop < HOPS_LIMIT; hop += 1) {
      if (new URL(url).origin !== origin) return { url, status: 0, text: "", headers: new Headers() };
      const cookie = [...cookies].map((pair) => pair.join("=")).join("; ");
      const response = await fetch(url, { ...options, redirect: "manual", headers: { cookie } });
      for (const line of response.headers.getSetCookie()) {
        const [name = "", value = ""] = (line.split(";")[0] ?? "").split("=");
        cookies.set(name, value);
      }
      const location = response.headers.get("location");
      if (location === null) {
        last = { url, status: response.status, text: await response.text(), headers: response.headers };
        return last;
      }
      [url, options] = [new URL(location, url).href, {}];
    }
    throw new Error(`more than ${HOPS_LIMIT} redirects from ${start}`);
  };
  return {
    get: (url) => go(new URL(url, origin).href, {}),
    press: (label, fields = {}, elsewhere = "") => {
      const forms = last.text.match(/<form[\s\S]*?<\/form>/g) ?? [];
      const form = forms.find((one) => one.replaceAll(/\s+/g, " ").includes(label));
      if (form === undefined) throw new Error(`no form with ${label} at ${last.url}: ${last.text}`);
      const body = new URLSearchParams({ ...filled(form), ...pressed(form, label), ...fields });
      const action = elsewhere || unescaped(/action="([^"]*)"/.exec(form)?.[1] ?? "");
      return go(new URL(action, last.url).href, { method: "POST", body });
    },
  };
}

function filled(form: string): Record<string, string> {
  const inputs = form.match(/<input[^>]*>/g) ?? [];
  const pairs = inputs
    .filter((input) => !/type="(?:checkbox|radio)"/.test(input) || /\bchecked\b/.test(input))
    .map(
      (input) => [/name="([^"]*)"/.exec(input)?.[1] ?? "", /value="([^"]*)"/.exec(input)?.[1] ?? ""] as const,
    );
  return Object.fromEntries(pairs.map(([name, value]) => [name, unescaped(value)]));
}

/** A button with a name sends its value when it is the one that is pressed. */
function pressed(form: string, label: string): Record<string, string> {
  const buttons = form.match(/<button[\s\S]*?<\/button>/g) ?? [];
  const button = buttons.find((one) => one.replaceAll(/\s+/g, " ").includes(label)) ?? "";
  const name = /name="([^"]*)"/.exec(button)?.[1];
  return name === undefined ? {} : { [name]: /value="([^"]*)"/.exec(button)?.[1] ?? "" };
}

function unescaped(text: string): string {
  const entities: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'" };
  return text.replaceAll(/&(amp|lt|gt|quot|#39);/g, (_, name: string) => entities[name] ?? "");
}
