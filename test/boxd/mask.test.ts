import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { createMasker } from "../../runner-bootstrap/boxd/mask/masker.ts";
import { needlesOf } from "../../runner-bootstrap/boxd/mask/needles.ts";

/** All at once and as plainly as possible: mark every byte of every hit, then one `***` a run of overlapping hits. */
function reference(text: Buffer, needles: readonly Buffer[]): Buffer {
  const hits: [number, number][] = [];
  for (let start = 0; start < text.length; start += 1) {
    for (const needle of needles) {
      if (text.subarray(start, start + needle.length).equals(needle))
        hits.push([start, start + needle.length]);
    }
  }
  hits.sort((a, b) => a[0] - b[0]);
  const parts: Buffer[] = [];
  let at = 0;
  for (const [start, end] of hits) {
    if (start >= at) parts.push(text.subarray(at, start), Buffer.from("***"));
    at = Math.max(at, end);
  }
  return Buffer.concat([...parts, text.subarray(at)]);
}

// Few letters, so that secrets overlap, nest and repeat.
const letters = fc.constantFrom("a", "b", "é");
const secret = fc.array(letters, { minLength: 4, maxLength: 9 }).map((list) => list.join(""));
const text = fc.array(fc.oneof(letters, secret), { maxLength: 40 }).map((list) => Buffer.from(list.join("")));

describe("masking", () => {
  it("takes thousands of secrets one by one, each seen by a stream that is open already", () => {
    const masker = createMasker();
    const stream = masker.stream();
    for (let n = 0; n < 10_000; n += 1) masker.add([`value-${n}-of-many`]);
    const said = Buffer.concat([
      stream.push(Buffer.from("a value-0-of-many, value-9999-of-")),
      stream.push(Buffer.from("many b")),
    ]);
    expect(String(said) + String(stream.flush())).toBe("a ***, *** b");
    expect(masker.add(["abc", "long enough"])).toBe(1);
  });

  it("equals masking the whole at once, however the stream is cut", () => {
    fc.assert(
      fc.property(
        fc.array(secret, { minLength: 1, maxLength: 5 }),
        text,
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
        (secrets, bytes, cuts) => {
          const masker = createMasker();
          masker.add(secrets);
          const stream = masker.stream();
          const parts: Buffer[] = [];
          for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
            const size = cuts[turn % cuts.length] ?? 1;
            // A copy of what is returned, and a buffer that is used again, as the reader does it.
            const chunk = Buffer.from(bytes.subarray(at, at + size));
            parts.push(Buffer.from(stream.push(chunk)));
            chunk.fill(0x23);
            at += size;
          }
          parts.push(stream.flush());
          expect(Buffer.concat(parts).toString()).toBe(
            reference(bytes, needlesOf(secrets).needles).toString(),
          );
        },
      ),
      { numRuns: 3_000 },
    );
  });

  it.each([
    ["as it is", (value: string) => value],
    ["in base64", (value: string) => Buffer.from(value).toString("base64")],
    ["in base64, one byte along", (value: string) => Buffer.from(`x${value}yz`).toString("base64")],
    ["in base64, two bytes along", (value: string) => Buffer.from(`xy${value}z`).toString("base64")],
    ["in base64url", (value: string) => Buffer.from(value).toString("base64url")],
    ["in a URI", (value: string) => encodeURIComponent(value)],
    ["in JSON", (value: string) => JSON.stringify({ key: value })],
    [
      "in XML",
      (value: string) =>
        value
          .replaceAll("&", "&amp;")
          .replaceAll("<", "&lt;")
          .replaceAll(">", "&gt;")
          .replaceAll('"', "&quot;")
          .replaceAll("'", "&apos;"),
    ],
    ["quoted for a shell", (value: string) => `'${value.replaceAll("'", String.raw`'\''`)}'`],
  ])("finds a secret %s", (_name, encode) => {
    const value = `pa"ss'w&rd/<1>+\\long enough`;
    const masker = createMasker();
    masker.add([value]);
    const shown = masker.text(`before ${encode(value)} after`);
    expect(shown).toContain("***");
    for (const part of ["w&rd", "long enough", "w%26rd", Buffer.from("long enou").toString("base64")])
      expect(shown).not.toContain(part);
  });

  it("masks each line of a secret, and a token in its Basic header", () => {
    const masker = createMasker();
    expect(masker.add(["first line\nsecond line", "abc"], ["ghs_tokentoken"])).toBe(1);
    expect(masker.text("the second line here")).toBe("the *** here");
    const basic = Buffer.from("x-access-token:ghs_tokentoken").toString("base64");
    expect(masker.text(`authorization: Basic ${basic}`)).toBe("authorization: Basic ***");
    expect(masker.text("abc stays")).toBe("abc stays");
  });

  it("lets a prompt through at once", () => {
    const masker = createMasker();
    masker.add(["password"]);
    expect(masker.stream().push(Buffer.from("Continue? [y/N] ")).toString()).toBe("Continue? [y/N] ");
  });
});
