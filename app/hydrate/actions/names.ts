/** GitHub's form of owners (39 characters, one underscore for managed users) and of repositories (100 characters). */
const NWO = /^[A-Za-z0-9][A-Za-z0-9-]{0,38}(?:_[A-Za-z0-9]+)?\/(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}$/u;
/** What git allows in a ref and no revision operator is made of. */
const REF = /^(?![-/.])(?!.*(?:\.\.|@\{|\/\/|\/\.|\.lock$|[/.]$))[\p{L}\p{N}._/+\-#@%!,&=()']{1,250}$/u;

/** True for `owner/repo`. */
export function isNwo(text: string): boolean {
  return NWO.test(text);
}

/** True for a name that git would take for a tag or a branch. */
export function isRefName(text: string): boolean {
  return REF.test(text);
}

/** True for a whole commit SHA. */
export function isFullSha(text: string): boolean {
  return /^[0-9a-f]{40}$/iu.test(text);
}

/** True for what can only be meant as the beginning of a commit SHA: GitHub refuses those (actions need all 40 digits). */
export function isShortSha(text: string): boolean {
  return /^(?=.*\d)[0-9a-f]{7,39}$/iu.test(text);
}

/** The full names of refs that `ref` may mean, tags before branches. */
export function candidatesOf(ref: string): readonly string[] {
  if (/^refs\/(?:heads|tags|pull)\/./u.test(ref)) return [ref];
  return [`refs/tags/${ref}`, `refs/heads/${ref}`];
}
