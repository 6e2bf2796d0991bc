import { z } from "zod";
import { AppError } from "../errors.ts";

/** What a set-up is told: by the settings file, else by the page. */
export type Choice = {
  /** Where GitHub reaches this server; no trailing slash. */
  readonly publicUrl: string;
  /** The organisation that shall own the App; "" for the person's own account. */
  readonly organization: string;
  /** GitHub's pages: `https://github.com` or an Enterprise Server; no trailing slash. */
  readonly webUrl: string;
  readonly apiUrl: string;
};

const GITHUB = "https://github.com";

const Address = z
  .url({ protocol: /^https?$/u })
  .max(200)
  .transform((text) => text.replace(/\/+$/u, ""));

const Fields = z.object({
  publicUrl: Address,
  organization: z
    .string()
    .trim()
    .regex(/^(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,38}))?$/u, "the name of an organisation on GitHub, or nothing"),
  webUrl: Address,
  apiUrl: Address.optional(),
});

/** Reads the fields; what is missing gets its default. Throws `bad_request` naming the first wrong one. */
export function readChoice(fields: Readonly<Record<string, string>>, browserUrl: string): Choice {
  const { publicUrl = browserUrl, organization = "", webUrl = GITHUB, apiUrl } = fields;
  const given = { publicUrl, organization, webUrl, ...(apiUrl === undefined ? {} : { apiUrl }) };
  const parsed = Fields.safeParse(given);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new AppError(
      "bad_request",
      `The field ${String(issue?.path[0] ?? "")} is not right.`,
      `${issue?.message ?? "Mend it"}. Go back and try again.`,
    );
  }
  const { data } = parsed;
  return { ...data, apiUrl: data.apiUrl ?? apiOf(data.webUrl) };
}

/** Enterprise Server has its API under the same name (docs "Getting started with the REST API", Enterprise Server). */
function apiOf(webUrl: string): string {
  return webUrl === GITHUB ? "https://api.github.com" : `${webUrl}/api/v3`;
}
