/** Where the code of actions and reusable workflows comes from. */

export type ActionSource = {
  /** The commit behind `owner/repo@ref`, or why there is none. Throws github_failed when nobody can be asked now. Safe to repeat. */
  resolve(nwo: string, ref: string): Promise<Resolved>;
  /** A file's text at a commit; null when it is not there. */
  file(nwo: string, sha: string, path: string): Promise<string | null>;
  /** The whole tree of a commit, unpacked into `dir` (which does not exist yet). Throws `AppError` for an archive that is too large or leaves its tree. */
  unpack(nwo: string, sha: string, dir: string): Promise<void>;
};

export type Resolved =
  | { readonly kind: "commit"; readonly sha: string }
  /** `reason` is a half sentence: "has no repository X", "has no ref v9", "cannot be reached: ...". */
  | { readonly kind: "missing"; readonly reason: string };
