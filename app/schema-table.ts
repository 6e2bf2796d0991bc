import { z } from "zod";

/** The part of JSON Schema that our files use. */
const Node = z.object({
  get properties(): z.ZodOptional<z.ZodRecord<z.ZodString, typeof Node>> {
    return z.record(z.string(), Node).optional();
  },
  get oneOf(): z.ZodOptional<z.ZodArray<typeof Node>> {
    return z.array(Node).optional();
  },
  get anyOf(): z.ZodOptional<z.ZodArray<typeof Node>> {
    return z.array(Node).optional();
  },
  get items(): z.ZodOptional<typeof Node> {
    return Node.optional();
  },
  /** What names of the user's own stand for. */
  additionalProperties: z.unknown().optional(),
  type: z.string().optional(),
  description: z.string().optional(),
  default: z.unknown().optional(),
  enum: z.array(z.unknown()).optional(),
  const: z.unknown().optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  required: z.array(z.string()).optional(),
});
type Node = z.infer<typeof Node>;

/**
 * A row of a Markdown table for every key that a JSON Schema knows: key, value, default, meaning. With `opensNames` also for keys below names
 * of the user's own, for which `NAME` stands; else those are one row.
 */
export function keyRows(schema: unknown, opensNames = false): readonly string[] {
  const rows: string[] = [];
  collect(Node.parse(schema), "", rows, opensNames);
  return rows;
}

function collect(node: Node, path: string, rows: string[], opensNames: boolean): void {
  for (const [name, child] of Object.entries(node.properties ?? {})) {
    const key = path === "" ? name : `${path}.${name}`;
    const named = opensNames ? Node.safeParse(child.additionalProperties).data : undefined;
    const variants = child.items?.oneOf ?? child.items?.anyOf;
    if (child.properties !== undefined) collect(child, key, rows, opensNames);
    else if (named?.properties !== undefined) collect(named, `${key}.NAME`, rows, opensNames);
    else if (variants !== undefined)
      for (const variant of variants) collect(variant, `${key}[${kindOf(variant)}]`, rows, opensNames);
    else if (child.items?.properties !== undefined) collect(child.items, `${key}[]`, rows, opensNames);
    else rows.push(row(key, child, node.required?.includes(name) === true));
  }
}

function row(key: string, node: Node, required: boolean): string {
  const fallback =
    node.default === undefined ? (required ? "required" : "") : code(JSON.stringify(node.default));
  return `| ${code(key)} | ${valueOf(node)} | ${fallback} | ${(node.description ?? "").replaceAll("|", "\\|")} |`;
}

function valueOf(node: Node): string {
  if (node.const !== undefined) return code(JSON.stringify(node.const));
  if (node.enum !== undefined) return node.enum.map((one) => code(String(one))).join(", ");
  if (node.anyOf !== undefined) return node.anyOf.map(valueOf).join(" or ");
  if (node.type === "array") return `list of ${node.items === undefined ? "values" : valueOf(node.items)}`;
  const bounds = [
    node.minimum === undefined ? "" : `>= ${node.minimum}`,
    node.maximum === undefined || node.maximum > 2 ** 50 ? "" : `<= ${node.maximum}`,
  ];
  const range = bounds.filter((bound) => bound !== "").join(", ");
  return `${node.type ?? "value"}${range === "" ? "" : ` (${range})`}`;
}

function kindOf(variant: Node): string {
  const { kind } = variant.properties ?? {};
  return typeof kind?.const === "string" ? kind.const : "";
}

function code(text: string): string {
  return `\`${text.replaceAll("|", "\\|")}\``;
}
