import type { Account, Pull } from "../model.ts";
import { labelShape } from "../shapes/label.ts";
import { repositoryById } from "../shapes/pull.ts";
import { now } from "../world.ts";
import type { World } from "../world.ts";
import { emitPull } from "./pulls.ts";

/** Puts a label on a pull request; one that is there already changes nothing. */
export function addLabel(world: World, pull: Pull, actor: Account, label: string): Pull {
  const { labels } = marksOf(pull);
  if (labels.includes(label)) return pull;
  keep(world, pull, { labels: [...labels, label] });
  emitPull(world, pull, "labeled", actor, {
    label: labelShape(world, repositoryById(world, pull.repositoryId), label),
  });
  return pull;
}

/** Takes a label off. */
export function removeLabel(world: World, pull: Pull, actor: Account, label: string): Pull {
  const { labels } = marksOf(pull);
  if (!labels.includes(label)) return pull;
  keep(world, pull, { labels: labels.filter((one) => one !== label) });
  emitPull(world, pull, "unlabeled", actor, {
    label: labelShape(world, repositoryById(world, pull.repositoryId), label),
  });
  return pull;
}

/** Makes a draft ready for review, or the other way. */
export function setDraft(world: World, pull: Pull, actor: Account, draft: boolean): Pull {
  if (pull.draft === draft) return pull;
  pull.draft = draft;
  keep(world, pull, {});
  emitPull(world, pull, draft ? "converted_to_draft" : "ready_for_review", actor);
  return pull;
}

/** Lets GitHub not have come to the test merge yet, as it is for seconds after a push. */
export function holdMerge(world: World, pull: Pull, isMergeHeld: boolean): Pull {
  keep(world, pull, { isMergeHeld });
  return pull;
}

type Marks = NonNullable<Pull["marks"]>;

function marksOf(pull: Pull): Marks {
  return pull.marks ?? { labels: [], isMergeHeld: false };
}

function keep(world: World, pull: Pull, change: Partial<Marks>): void {
  pull.marks = { ...marksOf(pull), ...change };
  pull.updatedAt = now();
  world.tables.pulls.put(pull);
}
