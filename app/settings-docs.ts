import { z } from "zod";
import { settingsSchema } from "./settings-schema.ts";

/** The part of JSON Schema that our settings use. */
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

/** `docs/configure.md`: every key of the settings file with its type, default and meaning, made from the schema itself. */
export function settingsMarkdown(): string {
  const rows: string[] = [];
  collect(Node.parse(settingsSchema()), "", rows);
  return `# Configure

The settings file (\`crabbox-app.yml\`, or what \`CRABBOX_CONFIG\` names), every key. This page is made by \`npx crabbox-app schema --markdown\`;
a test holds it to the schema. Unknown keys are refused. Durations are written \`90s\`, \`30m\`, \`2h\` or \`1d\`.

| key | value | default | meaning |
| --- | --- | --- | --- |
${rows.join("\n")}
`;
}

function collect(node: Node, path: string, rows: string[]): void {
  for (const [name, child] of Object.entries(node.properties ?? {})) {
    const key = path === "" ? name : `${path}.${name}`;
    const variants = child.items?.oneOf ?? child.items?.anyOf;
    if (child.properties !== undefined) collect(child, key, rows);
    else if (variants !== undefined)
      for (const variant of variants) collect(variant, `${key}[${kindOf(variant)}]`, rows);
    else if (child.items?.properties !== undefined) collect(child.items, `${key}[]`, rows);
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
