import { BOX_CLASSES, ProviderError } from "../provider.ts";
import { isRef } from "./labels.ts";

import type { CreateRequest } from "../provider.ts";
import type { BoxLimits, DockerSettings } from "./settings.ts";

/** Ref and type of the box that is asked for. Throws `unusable` for an id that names nothing or a type that is not ours. */
export function checkRequest(
  settings: DockerSettings,
  { idempotencyId, labels, types }: CreateRequest,
): { readonly ref: string; readonly type: string } {
  const ref = idempotencyId.toLowerCase();
  const type = types.find((one) => isOffered(settings, one));
  if (!isRef(ref) || labels.leaseId !== idempotencyId)
    throw new ProviderError(
      settings.name,
      "unusable",
      "The lease's id cannot name a container.",
      "Use letters, digits, dashes and underscores.",
    );
  if (type === undefined)
    throw new ProviderError(
      settings.name,
      "unusable",
      "No type that is asked for is offered.",
      "Check the class.",
    );
  return { ref, type };
}

/** What a box of the type may use. Throws `unusable` for a type that is not in the settings (any more). */
export function limitsOf(settings: DockerSettings, type: string): BoxLimits {
  const limits = isOffered(settings, type) ? settings.classes[type] : undefined;
  if (limits !== undefined) return limits;
  throw new ProviderError(
    settings.name,
    "unusable",
    `There is no class ${type} in the settings.`,
    "Add it to `classes`.",
  );
}

function isOffered(settings: DockerSettings, type: string): type is (typeof BOX_CLASSES)[number] {
  const boxClass = BOX_CLASSES.find((one) => one === type);
  return boxClass !== undefined && settings.classes[boxClass] !== undefined;
}
