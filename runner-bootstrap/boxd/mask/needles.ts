/** Every form in which a secret may appear in output. */

/** Shorter ones would mask ordinary text everywhere. */
export const NEEDLE_MIN_BYTES = 4;

/** Ours: a secret of more lines than this is masked as a whole and by its first lines. */
const LINES_MAX = 2_000;

export type Needles = {
  readonly needles: readonly Buffer[];
  /** Secrets too short to be masked. */ readonly skipped: number;
};

/** The needles of all secrets, without doubles. Tokens are added with their `Authorization: Basic` form. */
export function needlesOf(secrets: readonly string[], tokens: readonly string[] = []): Needles {
  const found = new Set<string>();
  let skipped = 0;
  const add = (form: string): void => {
    const bytes = Buffer.from(form, "utf8");
    if (bytes.length >= NEEDLE_MIN_BYTES) found.add(bytes.toString("latin1"));
  };
  for (const secret of [...secrets, ...tokens, ...tokens.map((token) => `x-access-token:${token}`)]) {
    if (Buffer.byteLength(secret.trim()) < NEEDLE_MIN_BYTES) {
      if (secret.trim() !== "") skipped += 1;
      continue;
    }
    const lines = secret.split(/\r\n|\n|\r/).slice(0, LINES_MAX);
    for (const form of new Set([secret, secret.trim(), ...lines.map((line) => line.trim())])) {
      if (Buffer.byteLength(form) < NEEDLE_MIN_BYTES) continue;
      for (const encoded of encodings(form)) add(encoded);
    }
  }
  return { needles: [...found].map((text) => Buffer.from(text, "latin1")), skipped };
}

function* encodings(text: string): Generator<string> {
  yield text;
  yield* base64Forms(Buffer.from(text, "utf8"));
  yield encodeURIComponent(text.toWellFormed());
  yield encodeURIComponent(text.toWellFormed()).replaceAll("%20", "+");
  yield encodeURI(text.toWellFormed());
  const json = JSON.stringify(text).slice(1, -1);
  yield json;
  yield json.replaceAll("/", String.raw`\/`);
  yield text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  yield text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&apos;");
  yield text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
  // As shells quote it: within single quotes, within double quotes, and bare (printf %q).
  yield text.replaceAll("'", String.raw`'\''`);
  yield text.replaceAll(/["\\$`]/g, String.raw`\$&`);
  yield text.replaceAll(/[^A-Za-z0-9_@%+=:,./\n-]/g, String.raw`\$&`);
}

/**
 * A base64 text shows the secret in one of three ways, by its offset in what was encoded. The characters that also
 * carry bits of its neighbours are left out.
 */
function* base64Forms(bytes: Buffer): Generator<string> {
  yield bytes.toString("base64");
  yield bytes.toString("base64url");
  for (const shift of [0, 1, 2]) {
    const encoded = Buffer.concat([Buffer.alloc(shift), bytes])
      .toString("base64")
      .replace(/=+$/, "");
    const whole = Math.floor(((shift + bytes.length) * 8) / 6);
    const inner = encoded.slice(Math.ceil((shift * 8) / 6), whole);
    yield inner;
    yield inner.replaceAll("+", "-").replaceAll("/", "_");
  }
}
