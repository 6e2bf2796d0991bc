import { join } from "node:path";
import type { Provider, ProviderBox } from "../../providers/provider.ts";
import { BOX_CLASSES, ProviderError } from "../../providers/provider.ts";
import { TASK_VERSION } from "../../runner-bootstrap/boxd/task.ts";
import type { Clock } from "../clock.ts";
import type { Ids } from "../ids.ts";
import { openBox, type BoxLinkDeps } from "../ssh/boxd-client.ts";
import { fault, ok, type Finding } from "./finding.ts";

/** What is not ended by the doctor itself ends by its own dead-man's switch. */
const BOX_LIFE_MS = 10 * 60_000;
const TASK_WITHIN_MS = 60_000;
const POLL_MS = 250;
const OWNER_BYTES = 9;
const LOG_CAP_BYTES = 1024 * 1024;

export type ProviderLookDeps = {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly stateDir: string;
  readonly programs: BoxLinkDeps["programs"];
};

/** A real box, a real task that does nothing, and the box's end; under an owner of its own, so that a running App leaves it alone. */
export async function lookAtProvider(
  deps: ProviderLookDeps,
  provider: Provider,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const begin = deps.clock.now();
  let ref: string | null = null;
  try {
    await provider.open(signal);
    const made = await create(deps, provider, signal);
    ({ ref } = made);
    const code = await runNothing(deps, await ready(deps, provider, made, signal), provider, signal);
    const seconds = ((deps.clock.now() - begin) / 1_000).toFixed(1);
    const caveats = (provider.caveats ?? []).map(({ message, hint }) =>
      fault("provider", message, hint, "warn"),
    );
    return code === 0
      ? [
          ...caveats,
          ok(
            "provider",
            `${provider.name} gave a box that ran a task (${seconds} s; isolation: ${provider.isolation}).`,
          ),
        ]
      : [
          fault(
            "provider",
            `${provider.name} gave a box, but its task ended with ${code}.`,
            "Run the same by hand on such a box; boxd needs bash, git and a writable home.",
          ),
        ];
  } catch (thrown) {
    if (!(thrown instanceof ProviderError)) throw thrown;
    return [
      fault(
        "provider",
        `${provider.name}: ${thrown.message}`,
        thrown.hint,
        thrown.kind === "no_capacity" ? "warn" : "fail",
      ),
    ];
  } finally {
    if (ref !== null) await provider.destroy(ref, AbortSignal.timeout(TASK_WITHIN_MS));
    await provider.close();
  }
}

async function create(deps: ProviderLookDeps, provider: Provider, signal: AbortSignal): Promise<ProviderBox> {
  const types = BOX_CLASSES.map((size) => provider.types(size)).find((list) => list.length > 0) ?? [];
  const leaseId = deps.ids.lease();
  return provider.create(
    {
      idempotencyId: leaseId,
      types,
      labels: {
        owner: `doctor-${deps.ids.token(OWNER_BYTES)}`,
        leaseId,
        trustDomain: "doctor",
        expiresAt: deps.clock.now() + BOX_LIFE_MS,
      },
      repository: "doctor",
    },
    signal,
  );
}

async function ready(
  deps: ProviderLookDeps,
  provider: Provider,
  made: ProviderBox,
  signal: AbortSignal,
): Promise<ProviderBox> {
  for (let box: ProviderBox | null = made; ;) {
    if (box === null || box.state === "gone")
      throw new ProviderError(
        provider.name,
        "gone",
        "The box was gone before it was ready.",
        "See the provider's own log.",
      );
    if (box.state === "ready" && box.address !== undefined) return box;
    await deps.clock.sleep(POLL_MS, signal);
    box = await provider.describe(made.ref, signal);
  }
}

/** The exit code of a task that only runs `true`; null when it had none. */
async function runNothing(
  deps: ProviderLookDeps,
  box: ProviderBox,
  provider: Provider,
  signal: AbortSignal,
): Promise<number | null> {
  const { address } = box;
  if (address === undefined)
    throw new ProviderError(
      provider.name,
      "unusable",
      "The box has no address.",
      "See the provider's own log.",
    );
  const link = await openBox(
    {
      clock: deps.clock,
      programs: deps.programs,
      programDir: join(deps.stateDir, "programs"),
      nodePath: process.execPath,
      learnHostKey: () => Promise.resolve(),
    },
    address,
    signal,
  );
  try {
    const result = await link.start(
      {
        v: TASK_VERSION,
        id: deps.ids.attempt(),
        secrets: [],
        execute: { kind: "line", text: "true", workingDirectory: "." },
        env: {},
        deadlineAt: deps.clock.now() + TASK_WITHIN_MS,
        logCapBytes: LOG_CAP_BYTES,
        sandbox: provider.capabilities.sandbox,
      },
      0,
      { append: () => Promise.resolve(), event: () => undefined },
      signal,
    );
    return "end" in result ? (result.end.code ?? null) : null;
  } finally {
    await link.close();
  }
}
