import { createHash } from "node:crypto";
import type { Json, Repository } from "../model.ts";
import type { World } from "../world.ts";
import { nodeId } from "./account.ts";
import { repositoryUrl } from "./repository.ts";

/** GitHub gives a label an id of its own; here a number made of its name serves. */
export function labelShape(world: World, repository: Repository, name: string): Json {
  const id = 6_000_000_000 + (createHash("sha256").update(name).digest().readUInt32BE(0) % 1_000_000);
  return {
    id,
    node_id: nodeId("LA", id),
    url: repositoryUrl(world, repository, `/labels/${encodeURIComponent(name)}`),
    name,
    color: "ededed",
    default: false,
    description: null,
  };
}
