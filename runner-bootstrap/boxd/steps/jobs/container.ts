import { isMap, toText } from "../expressions/coerce.ts";
import type { ContainerSpec, Template, Yaml, YamlMap } from "../plan.ts";
import { present } from "./present.ts";

/**
 * A container or service from its value: an image's name or a map, as written or as an expression gave it. Null for no image, which
 * GitHub takes as no container. Throws nothing: what is of a wrong kind counts as left out.
 */
export function containerOf(value: Yaml): ContainerSpec | null {
  const map: YamlMap = isMap(value) ? value : { image: value };
  const image = toText(map["image"] ?? null).replace(/^docker:\/\//u, "");
  if (image === "") return null;
  const credentials = map["credentials"];
  const more = {
    options: given(map["options"]),
    entrypoint: given(map["entrypoint"]),
    command: given(map["command"]),
    credentials:
      credentials !== undefined && isMap(credentials)
        ? {
            username: toText(credentials["username"] ?? null),
            password: toText(credentials["password"] ?? null),
          }
        : undefined,
  };
  return {
    image,
    env: texts(map["env"]),
    ports: list(map["ports"]),
    volumes: list(map["volumes"]),
    ...present(more),
  };
}

/** A container as written: kept whole while it is one expression. */
export function writtenContainer(value: Yaml): ContainerSpec | Template | null {
  return typeof value === "string" && /^\s*\$\{\{(?:(?!\$\{\{).)*\}\}\s*$/su.test(value)
    ? value
    : containerOf(value);
}

function given(value: Yaml | undefined): string | undefined {
  return value === undefined || value === null ? undefined : toText(value);
}

function list(value: Yaml | undefined): readonly Template[] {
  if (Array.isArray(value)) return (value as readonly Yaml[]).map(toText);
  return value === undefined || value === null ? [] : [toText(value)];
}

function texts(value: Yaml | undefined): Readonly<Record<string, Template>> {
  if (typeof value === "string" && value !== "") return { "${{ insert }}": value };
  if (value === undefined || !isMap(value)) return {};
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, toText(one)]));
}
