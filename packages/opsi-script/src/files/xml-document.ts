/** A small document model for XML: what scripts change are configuration files. Unicode texts. */
export interface XmlElement {
  readonly kind: "element";
  readonly name: string;
  readonly attributes: Map<string, string>;
  readonly children: XmlNode[];
  parent: XmlElement | null;
}
export type XmlNode =
  | XmlElement
  | { readonly kind: "text"; readonly value: string }
  | { readonly kind: "comment"; readonly value: string }
  | { readonly kind: "cdata"; readonly value: string }
  | { readonly kind: "instruction"; readonly value: string };

export interface XmlDocument {
  /** Comments, instructions and the document type in front of the root. */
  readonly prolog: readonly string[];
  root: XmlElement | null;
  readonly encoding: string;
  /** What is wrong with the text; the tree holds what was read until then. */
  readonly problem: string | null;
}

export const newElement = (name: string, parent: XmlElement | null = null): XmlElement => ({
  kind: "element",
  name,
  attributes: new Map(),
  children: [],
  parent,
});

const entities = new Map(Object.entries({ lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" }));

function decodeEntities(text: string): string {
  if (!text.includes("&")) return text;
  return text.replace(/&(#x[0-9a-fA-F]{1,6}|#[0-9]{1,7}|[A-Za-z]+);/g, (whole, name: string) => {
    if (!name.startsWith("#")) return entities.get(name) ?? whole;
    const point = name[1] === "x" ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
    return point <= 0x10ffff ? String.fromCodePoint(point) : whole;
  });
}

const namePattern = /[^\s<>/=&"']+/y;
const attributePattern = /\s*([^\s<>/=]+)\s*=\s*("[^"<]*"|'[^'<]*')/y;
const deepest = 2000;

/** Reads as far as the text is well-formed. External entities are never loaded. */
export function parseXml(text: string): XmlDocument {
  const prolog: string[] = [];
  let root: XmlElement | null = null;
  let current: XmlElement | null = null;
  let depth = 0;
  let position = 0;
  let problem: string | null = null;
  const declaration = /^\s*<\?xml\b[^>]*\?>/.exec(text)?.[0] ?? "";
  const encoding = /encoding\s*=\s*["']([^"']+)["']/.exec(declaration)?.[1] ?? "UTF-8";
  position = declaration.length;

  const upTo = (end: string, from: number) => {
    const at = text.indexOf(end, from);
    if (at < 0) problem = `${end} expected`;
    return at;
  };
  const add = (node: XmlNode) => {
    if (current) current.children.push(node);
  };

  while (position < text.length && problem === null) {
    const open: number = text.indexOf("<", position);
    const content = text.slice(position, open < 0 ? text.length : open);
    if (current) {
      if (content !== "") add({ kind: "text", value: decodeEntities(content) });
    } else if (content.trim() !== "") problem = "text outside of the root element";
    if (open < 0 || problem !== null) break;
    if (text.startsWith("<!--", open)) {
      const end = upTo("-->", open + 4);
      if (end < 0) break;
      if (current) add({ kind: "comment", value: text.slice(open + 4, end) });
      else if (!root) prolog.push(text.slice(open, end + 3));
      position = end + 3;
    } else if (text.startsWith("<![CDATA[", open)) {
      const end = upTo("]]>", open + 9);
      if (end < 0) break;
      add({ kind: "cdata", value: text.slice(open + 9, end) });
      position = end + 3;
    } else if (text.startsWith("<?", open)) {
      const end = upTo("?>", open + 2);
      if (end < 0) break;
      if (current) add({ kind: "instruction", value: text.slice(open + 2, end) });
      else if (!root) prolog.push(text.slice(open, end + 2));
      position = end + 2;
    } else if (text.startsWith("<!", open)) {
      const subset = text.indexOf("[", open);
      const plain = upTo(">", open);
      if (plain < 0) break;
      const end: number = subset >= 0 && subset < plain ? text.indexOf("]>", open) + 1 : plain;
      if (end <= 0) {
        problem = "]> expected";
        break;
      }
      prolog.push(text.slice(open, end + 1));
      position = end + 1;
    } else if (text.startsWith("</", open)) {
      const end = upTo(">", open);
      if (end < 0) break;
      const name = text.slice(open + 2, end).trim();
      if (!current || current.name !== name) {
        problem = `unexpected end of ${name}`;
        break;
      }
      current = current.parent;
      depth--;
      position = end + 1;
    } else {
      const opened = readStart(text, open, current);
      if (!opened || (root && !current)) {
        problem = opened ? "more than one root element" : "broken element";
        break;
      }
      if (current) current.children.push(opened.element);
      else root = opened.element;
      if (!opened.closed) {
        current = opened.element;
        if (++depth > deepest) problem = "nested too deeply";
      }
      position = opened.end;
    }
  }
  if (problem === null && (current || !root)) problem = current ? `end of ${current.name} expected` : "no root element";
  return { prolog, root, encoding, problem };
}

function readStart(text: string, open: number, parent: XmlElement | null) {
  namePattern.lastIndex = open + 1;
  const name = namePattern.exec(text)?.[0];
  if (name === undefined) return null;
  const element = newElement(name, parent);
  let position = open + 1 + name.length;
  for (;;) {
    attributePattern.lastIndex = position;
    const found = attributePattern.exec(text);
    if (!found) break;
    element.attributes.set(found[1] ?? "", decodeEntities((found[2] ?? "").slice(1, -1)));
    position = attributePattern.lastIndex;
  }
  const end = /\s*(\/?)>/y;
  end.lastIndex = position;
  const closing = end.exec(text);
  return closing ? { element, closed: closing[1] === "/", end: end.lastIndex } : null;
}

const escapeText = (text: string) =>
  text.replace(/[&<>]/g, (character) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[character] ?? "");
const escapeAttribute = (text: string) =>
  text.replace(
    /[&<"\n\t\r]/g,
    (character) =>
      ({ "&": "&amp;", "<": "&lt;", '"': "&quot;" })[character] ??
      `&#x${character.charCodeAt(0).toString(16).toUpperCase()};`,
  );

const isBlank = (node: XmlNode) => node.kind === "text" && !/[^ \t\r\n]/.test(node.value);

/** Lines of an element, two blanks per level; elements with text keep it in one line. */
export function writeElement(element: XmlElement, indent = ""): string[] {
  const attributes = [...element.attributes].map(([name, value]) => ` ${name}="${escapeAttribute(value)}"`).join("");
  const children = element.children.filter((node) => !isBlank(node));
  const start = `${indent}<${element.name}${attributes}`;
  if (children.length === 0) return [`${start}/>`];
  if (children.some((node) => node.kind === "text" || node.kind === "cdata")) {
    return [`${start}>${element.children.map(writeInline).join("")}</${element.name}>`];
  }
  const inner = children.flatMap((node) =>
    node.kind === "element" ? writeElement(node, `${indent}  `) : [`${indent}  ${writeInline(node)}`],
  );
  return [`${start}>`, ...inner, `${indent}</${element.name}>`];
}

function writeInline(node: XmlNode): string {
  switch (node.kind) {
    case "text":
      return escapeText(node.value);
    case "comment":
      return `<!--${node.value}-->`;
    case "cdata":
      return `<![CDATA[${node.value}]]>`;
    case "instruction":
      return `<?${node.value}?>`;
    case "element":
      return writeElement(node).join("");
    default:
      return node satisfies never;
  }
}

export function writeDocument(document: XmlDocument): string[] {
  const declaration = `<?xml version="1.0" encoding="${document.encoding}"?>`;
  return [declaration, ...document.prolog, ...(document.root ? writeElement(document.root) : [])];
}

export const childElements = (element: XmlElement): XmlElement[] =>
  element.children.filter((node): node is XmlElement => node.kind === "element");

/** Text of an element with everything below it. */
export function textOf(element: XmlElement): string {
  return element.children
    .map((node) =>
      node.kind === "element" ? textOf(node) : node.kind === "text" || node.kind === "cdata" ? node.value : "",
    )
    .join("");
}

/** The first element of that name, in the order of the text; the element itself not. */
export function firstDescendant(element: XmlElement, name: string): XmlElement | null {
  for (const child of childElements(element)) {
    if (child.name === name) return child;
    const deeper = firstDescendant(child, name);
    if (deeper) return deeper;
  }
  return null;
}
