import { AppError } from "../errors.ts";

/** Room for bodies being read at once: eight of the largest, or thousands of the usual 10 to 30 KB. */
const MAX_IN_FLIGHT_BYTES = 200 * 1024 * 1024;

export type BodyBudget = {
  /**
   * Takes room for a body of this Content-Length (a missing one counts as the largest) and answers what gives it back. Throws
   * too_large, or busy when there is no room now: bodies are read before their signature can be checked, so strangers
   * must not decide how much memory that takes.
   */
  reserve(contentLength: string | undefined): () => void;
};

/** Bounds the memory of unauthenticated bodies; `maxBodyBytes` each. */
export function createBodyBudget(maxBodyBytes: number): BodyBudget {
  let inFlight = 0;
  return {
    reserve(contentLength) {
      const sizeBytes = contentLength === undefined ? maxBodyBytes : Number(contentLength);
      if (!(sizeBytes <= maxBodyBytes)) throw tooLarge(maxBodyBytes);
      if (inFlight + sizeBytes > MAX_IN_FLIGHT_BYTES) throw noRoom();
      inFlight += sizeBytes;
      let held = true;
      return () => {
        if (held) inFlight -= sizeBytes;
        held = false;
      };
    },
  };
}

function tooLarge(maxBodyBytes: number): AppError {
  return new AppError(
    "too_large",
    `The body is over ${maxBodyBytes} bytes.`,
    "GitHub sends nothing that large; send less.",
  );
}

function noRoom(): AppError {
  return new AppError(
    "busy",
    "Too many bodies are being received at once.",
    "Nothing is lost: the App fetches from GitHub what it turned away.",
  );
}
