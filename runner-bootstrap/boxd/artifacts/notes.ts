/** What is said of files that are not kept: the first ones by name, the others by their number. */

import { ARTIFACT_NOTES_MAX } from "../artifact-wire.ts";

export type Notes = {
  add(sentence: string): void;
  all(): readonly string[];
};

/** Empty. */
export function createNotes(): Notes {
  const sentences: string[] = [];
  let more = 0;
  return {
    add(sentence) {
      // The last place is for what says how many there are besides.
      if (sentences.length < ARTIFACT_NOTES_MAX - 1) sentences.push(sentence);
      else more += 1;
    },
    all: () => (more === 0 ? sentences : [...sentences, `${more} more were not kept.`]),
  };
}
