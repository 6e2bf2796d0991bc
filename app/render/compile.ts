import { readFileSync } from "node:fs";
import Handlebars from "handlebars";
import { AppError } from "../errors.ts";
import { MARKDOWN_HELPERS, registerMarkdown } from "./markdown.ts";

export type Template<View> = (view: View) => string;

const DIRECTORY = new URL("../../templates/", import.meta.url);
/** Only files beside the templates: a name without a slash. */
const INCLUDE = /<!-- include ([a-z-]+\.html\.hbs) -->\n?/gu;
const BLOCKS = ["if", "unless", "each"] as const;

/** A Markdown template: every value must stand in a helper that names its context, or the App does not start. */
export function compileMarkdown<View>(file: string): Template<View> {
  return compileMarkdownSource(readFileSync(new URL(file, DIRECTORY), "utf8"), file);
}

/** The same from its text; `name` is said in errors. */
export function compileMarkdownSource<View>(source: string, name: string): Template<View> {
  const handlebars = strictHandlebars();
  registerMarkdown(handlebars);
  demandHelpers(handlebars.parse(source).body, name);
  const template = handlebars.compile<View>(source, {
    strict: true,
    noEscape: true,
    knownHelpersOnly: true,
    knownHelpers: Object.fromEntries(
      [...BLOCKS, ...Object.keys(MARKDOWN_HELPERS)].map((known) => [known, true]),
    ),
  });
  return (view) =>
    `${template(view)
      .replace(/\n{3,}/gu, "\n\n")
      .trim()}\n`;
}

/**
 * An HTML template: every value is escaped, `{{{` and `{{&` are refused. What pages share is put in its place as text
 * (`<!-- include FILE -->`, not again within that), before anything is read as a template: it is judged and compiled as one.
 */
export function compileHtml<View>(file: string): Template<View> {
  const read = (name: string) => readFileSync(new URL(name, DIRECTORY), "utf8");
  const source = read(file).replace(INCLUDE, (_whole, name: string) => read(name));
  return compileHtmlSource(source, file);
}

/** The same from its text; `name` is said in errors. */
export function compileHtmlSource<View>(source: string, name: string): Template<View> {
  if (/\{\{\{|\{\{~?&/u.test(source)) throw badTemplate(name, "a value stands unescaped");
  if (source.includes("<!-- include")) throw badTemplate(name, "an include stands in an include");
  return strictHandlebars().compile<View>(source, {
    strict: true,
    knownHelpersOnly: true,
    knownHelpers: Object.fromEntries(BLOCKS.map((name) => [name, true])),
  });
}

/** Its own instance, in which `if`, `unless` and `each` throw on a missing value instead of taking it for false. */
function strictHandlebars(): typeof Handlebars {
  const handlebars = Handlebars.create();
  const present = (value: unknown): unknown => {
    if (value === undefined) throw badTemplate("a view", "a value is missing");
    return value;
  };
  handlebars.registerHelper(
    "if",
    function (this: unknown, value: unknown, options: Handlebars.HelperOptions) {
      return holds(present(value)) ? options.fn(this) : options.inverse(this);
    },
  );
  handlebars.registerHelper(
    "unless",
    function (this: unknown, value: unknown, options: Handlebars.HelperOptions) {
      return holds(present(value)) ? options.inverse(this) : options.fn(this);
    },
  );
  handlebars.registerHelper("each", (list: unknown, options: Handlebars.HelperOptions) => {
    if (!Array.isArray(list)) throw badTemplate("a view", "a list is missing");
    return list.map((item: unknown) => options.fn(item)).join("");
  });
  return handlebars;
}

function holds(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : value !== null && value !== false && value !== "";
}

function demandHelpers(statements: readonly hbs.AST.Statement[], file: string): void {
  for (const statement of statements) {
    if (statement.type === "MustacheStatement") demandHelper(statement as hbs.AST.MustacheStatement, file);
    if (statement.type === "PartialStatement")
      throw badTemplate(file, "parts of templates are not used here");
    if (statement.type !== "BlockStatement") continue;
    const block = statement as hbs.AST.BlockStatement;
    demandHelpers(block.program.body, file);
    // Handlebars has no inverse where there is no `else`; its types say otherwise.
    const inverse: hbs.AST.Program | undefined = block.inverse;
    if (inverse !== undefined) demandHelpers(inverse.body, file);
  }
}

function demandHelper(mustache: hbs.AST.MustacheStatement, file: string): void {
  const name = (mustache.path as hbs.AST.PathExpression).original;
  if (Object.hasOwn(MARKDOWN_HELPERS, name) && mustache.params.length > 0) return;
  throw badTemplate(file, `\`${name}\` stands outside of a helper that escapes it`);
}

function badTemplate(file: string, what: string): AppError {
  return new AppError("internal", `${file}: ${what}.`, "Mend the template, or what is handed to it.");
}
