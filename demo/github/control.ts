import type { ControlInput, ControlName, ControlOutput } from "./control/contract.ts";

/** The control API as functions: each answers a promise, and rejects with the server's own words. */
export type Control = {
  [Name in ControlName]: (
    ...input: Record<string, never> extends ControlInput<Name>
      ? [input?: ControlInput<Name>]
      : [input: ControlInput<Name>]
  ) => Promise<ControlOutput<Name>>;
};

/** A client of the control address that the offline GitHub prints when it is ready (`controlUrl`). */
export function createControl(controlUrl: string): Control {
  const call = async (name: string, input: unknown): Promise<unknown> => {
    const response = await fetch(`${controlUrl}/${name}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(input ?? {}),
    });
    const body: unknown = await response.json();
    if (response.ok) return body;
    throw new Error(`control ${name}: ${String((body as { error?: unknown }).error)}`);
  };
  // Names are only checked by the compiler: the server is the one that knows the list.
  return new Proxy({} as Control, {
    get: (_, name) => {
      // A promise resolved with this object must not take it for a promise.
      if (typeof name !== "string" || name === "then") return undefined;
      return (input: unknown) => call(name, input);
    },
  });
}
