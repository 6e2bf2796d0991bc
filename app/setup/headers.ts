import { PAGE_HEADERS } from "../pages/page-headers.ts";

/** A page's usual headers, but its form goes to GitHub. */
export function setupHeaders(webUrl: string | null): Readonly<Record<string, string>> {
  if (webUrl === null) return PAGE_HEADERS;
  return {
    ...PAGE_HEADERS,
    "content-security-policy": PAGE_HEADERS["content-security-policy"].replace(
      "form-action 'none'",
      `form-action 'self' ${new URL(webUrl).origin}`,
    ),
  };
}
