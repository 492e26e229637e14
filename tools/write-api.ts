import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Attribute, families, type ObjectType } from "../packages/model/src/index.ts";
import { subjects } from "../packages/server/src/methods/all.ts";
import type { Method, Parameter } from "../packages/server/src/methods/declare.ts";
import { attributeType } from "../packages/server/src/methods/parameter-types.ts";
import { readMatrix } from "../tests/access/read-matrix.ts";

/** `npx node tools/write-api.ts`: makes what stands below the mark in docs/api.md of the declarations of the methods. */
const target = join(import.meta.dirname, "../docs/api.md");
const mark = "<!-- below: made of the declarations of the methods by tools/write-api.ts -->\n";

/** The document with its generated part made anew; what people wrote above the mark stays. */
export function withApi(document: string): string {
  const at = document.indexOf(mark);
  if (at < 0) throw new Error("docs/api.md has lost the mark above its generated part");
  return `${document.slice(0, at)}${mark}\n${reference()}\n`;
}

const zeroTimestamp = "0000-00-00 00:00:00";
const matrix = readMatrix();
const prefixOf = (name: string) => name.split("_")[0] ?? "";

function reference(): string {
  const [objects, ...others] = subjects;
  const current = others.map(({ title, methods }) => ({ title, methods: methods.filter((each) => !isOld(each)) }));
  const old = others.flatMap(({ methods }) => methods.filter(isOld));
  const chapters = [...current.filter(({ methods }) => methods.length > 0), { title: "Deprecated", methods: old }];
  const ofFamilies = [...Map.groupBy(objects?.methods ?? [], ({ name }) => prefixOf(name))];
  return [
    "## Contents\n",
    `- ${linkTo("Objects")}: ${ofFamilies.map(([prefix]) => linkTo(familyTitle(prefix))).join(", ")}`,
    ...chapters.map(({ title }) => `- ${linkTo(title)}`),
    `\n## Objects\n\n${objectsIntroduction}`,
    ...ofFamilies.map(([prefix, methods]) => familyChapter(prefix, methods)),
    ...chapters.map(({ title, methods }) => `\n## ${title}\n\n${methods.map(entry).join("\n\n")}`),
  ].join("\n");
}

const linkTo = (title: string) => `[${title}](#${title.toLowerCase().replaceAll(" ", "-")})`;
const isOld = ({ deprecated, dropVersion }: Method) => deprecated === true || dropVersion !== undefined;

const objectsIntroduction =
  "Bold attributes identify an object and must always be given. A value in the column *If not given* is what a new " +
  "object gets; nothing there means null.";

function entry(method: Method): string {
  return [
    `### ${method.name}`,
    "",
    "```",
    signature(method),
    "```",
    "",
    `${sentence(method)} *For ${callers(method)}.*`,
  ].join("\n");
}

function signature({ name, parameters, keywords, result = "None" }: Method): string {
  const words = [...parameters.map(parameterText), ...(keywords === undefined ? [] : [`**${keywords}`])];
  const line = `${name}(${words.join(", ")}) -> ${result}`;
  return line.length <= 110 ? line : `${name}(\n${words.map((word) => `  ${word},\n`).join("")}) -> ${result}`;
}

function parameterText({ name, annotation = "Any", ...optional }: Parameter): string {
  const text = `${name}: ${annotation}`;
  return Object.hasOwn(optional, "initial") ? `${text} = ${JSON.stringify(optional.initial)}` : text;
}

function sentence(method: Method): string {
  const { doc, alternative, dropVersion } = method;
  if (!isOld(method)) return prose(doc);
  const instead = alternative === undefined ? "" : `; use ${alternative}`;
  const until = dropVersion === undefined ? "" : `, gone in ${dropVersion}`;
  return `${prose(doc)} Deprecated${until}${prose(instead)}.`;
}

const entryOfTable = (method: Method) => {
  const answer = method.result === undefined ? "" : `\`${method.result}\``;
  return row([`\`${usage(method)}\``, answer, sentence(method), callers(method)]);
};

/** Without types: `host_getObjects([attributes], **filter)`. Names of attributes say what they are. */
function usage({ name, parameters, keywords }: Method): string {
  const isOptional = (parameter: Parameter) => Object.hasOwn(parameter, "initial");
  const names = (some: readonly Parameter[]) => some.map((parameter) => parameter.name).join(", ");
  const optional = names(parameters.filter(isOptional));
  const words = [
    names(parameters.filter((parameter) => !isOptional(parameter))),
    optional === "" ? "" : `[${optional}]`,
    keywords === undefined ? "" : `**${keywords}`,
  ];
  return `${name}(${words.filter(Boolean).join(", ")})`;
}

/** Who may call it under the rules of a new site, as the table that the tests of access keep says. */
function callers({ name }: Method): string {
  const may = matrix.get(name) ?? {};
  const can = (role: string) => may[role] !== undefined && may[role] !== "no";
  if (can("restricted") && can("client")) return "everybody who is logged in";
  const ofOthers = can("other") && may["other"] !== "own" && may["client"] !== "own";
  const words = [
    can("administrator") ? "administrators" : "",
    can("depot") ? "depots" : "",
    can("client") ? (ofOthers ? "clients" : "clients about themselves") : "",
  ];
  return words.filter(Boolean).join(", ");
}

function familyChapter(prefix: string, methods: readonly Method[]): string {
  const family = families.find((each) => each.prefix === prefix);
  const about = family === undefined ? [hardwareNote] : attributeTable(family.types.filter((type) => !type.abstract));
  const head = ["Method", "Answer", "What it does", "For"];
  const table = [row(head), row(head.map(() => "---")), ...methods.map(entryOfTable)];
  return [`\n### ${familyTitle(prefix)}\n`, ...about, "", ...table].join("\n");
}

/** The name of the type, also of those that have no declaration. */
const familyTitle = (prefix: string) => `${prefix.charAt(0).toUpperCase()}${prefix.slice(1)}`;

const hardwareNote =
  "Which attributes there are depends on the class (`hardwareClass`); `auditHardware_getConfig` names them.";

/** The attributes of a family; where its types differ, whose they are. */
function attributeTable(types: readonly ObjectType[]): string[] {
  const names = [...new Set(types.flatMap(({ attributes }) => Object.keys(attributes)))];
  const rows = names.map((name) => {
    const having = types.filter(({ attributes }) => Object.hasOwn(attributes, name));
    const [type] = having;
    const attribute = type?.attributes[name];
    if (type === undefined || attribute === undefined) throw new Error(`No type has ${name}`);
    const shown = attribute.ident ? `**${name}**` : name;
    const of = having.length === types.length ? "" : having.map((each) => each.name).join(", ");
    const values = attribute.rule.choices?.filter((choice) => choice !== "").map((choice) => `\`${choice}\``) ?? [];
    return [shown, values.length > 0 ? values.join(", ") : attributeType(type, name), initialText(attribute), of];
  });
  const isOneType = rows.every(([, , , of]) => of === "");
  const head = ["Attribute", "Type", "If not given", "Of"];
  const kinds = types.length > 1 ? [`\`type\`: ${types.map(({ name }) => `\`${name}\``).join(", ")}\n`] : [];
  const table = [head, head.map(() => "---"), ...rows].map((cells) => row(isOneType ? cells.slice(0, 3) : cells));
  return [...kinds, ...table];
}

function initialText({ initial, absent, fixed, rule }: Attribute): string {
  const value = fixed?.() ?? initial?.() ?? absent;
  if (value === undefined) return "";
  if (rule.control === "timestamp") return value === zeroTimestamp ? `\`${value}\`` : "now";
  return rule.name === "opsiHostKey" ? "a new key" : `\`${JSON.stringify(value)}\``;
}

const row = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;

/** Words that Markdown would take for its own. */
const prose = (text: string) => text.replace(/[*<_]/g, "\\$&");

if (import.meta.main) writeFileSync(target, withApi(readFileSync(target, "utf8")));
