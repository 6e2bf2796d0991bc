/**
 * What an unquoted scalar is: YAML 1.2's core schema as the official runner reads it (actions/runner YamlObjectReader.cs), so that
 * `on`, `yes` and `010` stay what they are whatever version a file claims to be.
 */

const NULL = /^(?:|~|null|Null|NULL)$/u;
const BOOLEAN = /^(?:true|True|TRUE|false|False|FALSE)$/u;
const INTEGER = /^[-+]?\d+$/u;
const OCTAL = /^0o[0-7]+$/u;
const HEXADECIMAL = /^0x[\dA-Fa-f]+$/u;
const FLOAT = /^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/u;
const INFINITE = /^([-+]?)\.(?:inf|Inf|INF)$/u;
const NOT_A_NUMBER = /^\.(?:nan|NaN|NAN)$/u;

const STANDARD = "tag:yaml.org,2002:";

/** The value of an unquoted scalar. */
export function plainValue(source: string): null | boolean | number | string {
  if (NULL.test(source)) return null;
  if (BOOLEAN.test(source)) return source.toLowerCase() === "true";
  if (INTEGER.test(source) || OCTAL.test(source) || HEXADECIMAL.test(source) || FLOAT.test(source))
    return Number(source);
  const infinite = INFINITE.exec(source);
  if (infinite !== null) return infinite[1] === "-" ? -Infinity : Infinity;
  return NOT_A_NUMBER.test(source) ? Number.NaN : source;
}

/** The value of a scalar with a tag; undefined for a tag that GitHub does not know, or text that is not what the tag says. */
export function taggedValue(tag: string, source: string): null | boolean | number | string | undefined {
  const value = plainValue(source);
  if (tag === `${STANDARD}str` || tag === "!") return source;
  if (tag === `${STANDARD}null`) return value === null ? null : undefined;
  if (tag === `${STANDARD}bool`) return typeof value === "boolean" ? value : undefined;
  if (tag === `${STANDARD}int` || tag === `${STANDARD}float`)
    return typeof value === "number" ? value : undefined;
  return undefined;
}
