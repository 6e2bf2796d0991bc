/** Steps can remove or change anything that these parts write to: an answer, never a crash of the engine. */

/** What `work` gives, or what `otherwise` makes of the words of what it threw. */
export async function guarded<T>(otherwise: (words: string) => T, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    return otherwise(error instanceof Error ? error.message : String(error));
  }
}

export function toFailed(words: string): { readonly failed: string } {
  return { failed: `something of the job's own is gone: ${words}` };
}

export function toError(words: string): { readonly error: string } {
  return { error: toFailed(words).failed };
}
