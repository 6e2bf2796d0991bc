/** Finds what looks like a place in a file in the words of test runners, compilers and stack traces. */

/** As written: a path that may be absolute or a bare name. */
export type WrittenPlace = {
  readonly path: string;
  readonly line: number;
  /** Java: its class. */ readonly scope?: string;
};

/** Longest word that may be a place; a path of Linux has 4,096 bytes, nobody's stack does. */
const WORD_MAX = 512;
/** Candidates looked at in one text. */
const PLACES_MAX = 60;

/** Python: `File "a/b.py", line 3`. Perl: `at t/a.t line 3`. */
const NAMED = /(?:File "|\bat )([^"\s][^"\n]{0,400}?)"?,? line:? ([0-9]{1,7})\b/u;
/** `path:3`, `path:3:5`, `path(3,5)`, `path:line 3`. */
const COLON = /^(?:file:\/\/)?(.{1,400}?\.[A-Za-z][A-Za-z0-9]{0,7})(?::(?:line)?|\()([0-9]{1,7})(?![0-9])/u;
/** JVM: `at com.acme.CartTest.adds(CartTest.java:12)`. */
const JVM = /^([\w.$/]{1,300})\(([\w-]{1,100}\.(?:java|kt|groovy|scala)):([0-9]{1,7})\)?/u;

/** Places in the order in which they stand. Takes time linear in the text, whatever is in it. */
export function placesInText(text: string): readonly WrittenPlace[] {
  const found: WrittenPlace[] = [];
  const add = (path: string | undefined, line: string | undefined, scope?: string): void => {
    const number = Number(line);
    if (path !== undefined && number > 0)
      found.push({ path, line: number, ...(scope === undefined ? {} : { scope }) });
  };
  for (const line of text.split("\n")) {
    if (found.length >= PLACES_MAX) break;
    if (!/[0-9]/u.test(line)) continue;
    const head = line.slice(0, WORD_MAX * 2);
    const named = head.includes("line") ? NAMED.exec(head) : null;
    if (named !== null) add(named[1], named[2]);
    for (const word of head.replace(/:line (?=[0-9])/gu, ":line").split(/[\s"'`<>|,;]+/u)) {
      if (word.length > WORD_MAX || word.length < 4) continue;
      const jvm = JVM.exec(word);
      if (jvm !== null) {
        add(jvm[2], jvm[3], jvm[1]);
        continue;
      }
      for (const part of word.split(/^[([{]+|(?<=\S)\((?![0-9])/u)) {
        const match = COLON.exec(part);
        if (match !== null) add(match[1], match[2]);
      }
    }
  }
  return found.slice(0, PLACES_MAX);
}
