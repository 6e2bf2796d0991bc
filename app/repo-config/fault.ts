/** Something wrong in the file, with where it stands. Lines and columns count from 1. */
export type Fault = {
  readonly line: number;
  readonly column: number;
  /** The key it is about, `auto.unit.paths`; empty for the file as a whole. */
  readonly key: string;
  /** One or two plain sentences, not escaped: they repeat what stands in the file. */
  readonly message: string;
};

/** Faults of one file that are told; more than GitHub takes as annotations in one call nobody reads. */
export const MAX_FAULTS = 50;

/** A fault as one line: `auto.unit: There is no command "unti".` */
export function faultText({ key, message }: Fault): string {
  return key === "" ? message : `${key}: ${message}`;
}
