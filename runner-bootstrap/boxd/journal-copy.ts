/** What the App has of a task's journal; `sweep` lets go of the task when its journal has the same hash. */
export type JournalCopy = { readonly id: string; readonly sha256: string };
