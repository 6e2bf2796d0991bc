import { quoted, type Complaints } from "./complain.ts";

/** Ids of jobs and steps are shorter: actions/runner WorkflowConstants.cs, MaxNodeNameLength. */
const MAX_ID_CHARS = 100;
const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_-]*$/u;

/** Tells what is wrong with an id (actions/runner IdBuilder.cs); `seen` holds those before it, in lower case. */
export function checkId(
  id: string,
  at: number,
  key: string,
  seen: Set<string>,
  complaints: Complaints,
): void {
  const folded = id.toLowerCase();
  if (!IDENTIFIER.test(id))
    complaints.add(
      at,
      key,
      `The id ${quoted(id)} is malformed.`,
      "An id starts with a letter or `_` and goes on with letters, digits, `-` and `_`.",
    );
  else if (id.length >= MAX_ID_CHARS)
    complaints.add(
      at,
      key,
      `The id ${quoted(id)} has ${id.length} characters.`,
      `It must have fewer than ${MAX_ID_CHARS}.`,
    );
  else if (id.startsWith("__"))
    complaints.add(
      at,
      key,
      `The id ${quoted(id)} is reserved.`,
      "Ids that start with `__` are GitHub's own.",
    );
  else if (seen.has(folded))
    complaints.add(
      at,
      key,
      `The id ${quoted(id)} is used twice.`,
      "Ids differ by more than upper and lower case.",
    );
  seen.add(folded);
}
