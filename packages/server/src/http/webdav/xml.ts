/** An element with its namespace resolved. */
export interface XmlElement {
  readonly namespace: string;
  readonly name: string;
  readonly attributes: readonly { readonly namespace: string; readonly name: string; readonly value: string }[];
  readonly children: readonly (XmlElement | string)[];
}

const greatestDepth = 64;
/** No client has more than a handful; the time that a tag takes must not grow with what somebody makes up. */
const mostAttributes = 100;

/**
 * Parses a small XML document, as WebDAV clients send it: elements, attributes, namespaces, text, CDATA. No document
 * type: entities of one's own are the usual way to attack a parser. One pass from left to right, no recursion.
 *
 * @throws Error saying what is wrong
 */
export function parseXml(text: string): XmlElement {
  const stack: { element: XmlElement; children: (XmlElement | string)[]; raw: string; scope: Scope }[] = [];
  let root: XmlElement | null = null;
  let at = text.startsWith("\uFEFF") ? 1 : 0;
  if (/[^\t\n\r\x20-\uFFFD]/.test(text)) throw new Error("characters that XML cannot have");
  while (at < text.length) {
    const open = text.indexOf("<", at);
    if (open !== at) {
      const content = text.slice(at, open < 0 ? text.length : open);
      const top = stack.at(-1);
      if (top !== undefined) top.children.push(decodeEntities(content));
      else if (content.trim() !== "") throw new Error("text outside of the root element");
      if (open < 0) break;
      at = open;
    }
    if (text.startsWith("<?", at)) at = after(text, "?>", at);
    else if (text.startsWith("<!--", at)) at = after(text, "-->", at + 2);
    else if (text.startsWith("<![CDATA[", at)) {
      const end = after(text, "]]>", at);
      const top = stack.at(-1);
      if (top === undefined) throw new Error("text outside of the root element");
      top.children.push(text.slice(at + 9, end - 3));
      at = end;
    } else if (text.startsWith("<!", at)) {
      throw new Error("document types are not allowed");
    } else if (text.startsWith("</", at)) {
      const end = after(text, ">", at);
      const raw = text.slice(at + 2, end - 1).trim();
      const top = stack.pop();
      if (top === undefined || top.raw !== raw) throw new Error(`unexpected end of '${raw}'`);
      at = end;
    } else {
      const tag = readTag(text, at);
      if (root !== null && stack.length === 0) throw new Error("more than one root element");
      if (stack.length >= greatestDepth) throw new Error("too deeply nested");
      const { element, children, scope } = resolve(tag, stack.at(-1)?.scope ?? outermost);
      stack.at(-1)?.children.push(element);
      root ??= element;
      if (!tag.closed) stack.push({ element, children, raw: tag.raw, scope });
      at = tag.end;
    }
  }
  if (root === null || stack.length > 0) throw new Error("the document is not complete");
  return root;
}

/** Child elements, text left out. */
export function elements(parent: XmlElement): XmlElement[] {
  return parent.children.filter((child) => typeof child !== "string");
}

/** The first child element of this name in the namespace DAV:. */
export function davChild(parent: XmlElement, name: string): XmlElement | null {
  return elements(parent).find((child) => isDav(child, name)) ?? null;
}

export function isDav(element: XmlElement, name: string): boolean {
  return element.namespace === "DAV:" && element.name === name;
}

/** An element as XML text that declares its namespaces itself. */
export function writeXml(element: XmlElement): string {
  const isDavElement = element.namespace === "DAV:";
  const tag = isDavElement ? `D:${element.name}` : element.name;
  const declaration = isDavElement ? "" : ` xmlns="${escapeText(element.namespace)}"`;
  const attributes = element.attributes.map(({ namespace, name, value }, at) => {
    if (namespace === "") return ` ${name}="${escapeText(value)}"`;
    if (namespace === xmlNamespace) return ` xml:${name}="${escapeText(value)}"`;
    return ` xmlns:a${at}="${escapeText(namespace)}" a${at}:${name}="${escapeText(value)}"`;
  });
  const content = element.children.map((child) => (typeof child === "string" ? escapeText(child) : writeXml(child)));
  return `<${tag}${declaration}${attributes.join("")}>${content.join("")}</${tag}>`;
}

/** Namespaces by prefix, those of the element itself before those around it. Nothing is copied per element. */
interface Scope {
  readonly own: ReadonlyMap<string, string>;
  readonly outer: Scope | null;
}

const xmlNamespace = "http://www.w3.org/XML/1998/namespace";
const outermost: Scope = {
  own: new Map([
    ["", ""],
    ["xml", xmlNamespace],
  ]),
  outer: null,
};

function namespaceOf(prefix: string, innermost: Scope): string | undefined {
  for (let scope: Scope | null = innermost; scope !== null; scope = scope.outer) {
    const namespace = scope.own.get(prefix);
    if (namespace !== undefined) return namespace;
  }
  return undefined;
}

interface Tag {
  readonly raw: string;
  readonly attributes: readonly (readonly [name: string, value: string])[];
  readonly closed: boolean;
  readonly end: number;
}

const nameExpression = /[A-Za-z_\u0080-\uFFFF][\w.\-\u0080-\uFFFF]*(?::[A-Za-z_\u0080-\uFFFF][\w.\-\u0080-\uFFFF]*)?/y;
const attributeExpression =
  /\s+([A-Za-z_\u0080-\uFFFF][\w.\-\u0080-\uFFFF]*(?::[A-Za-z_\u0080-\uFFFF][\w.\-\u0080-\uFFFF]*)?)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/y;
const endExpression = /\s*(\/?)>/y;

function readTag(text: string, start: number): Tag {
  const raw = matchAt(nameExpression, text, start + 1)?.[0];
  if (raw === undefined) throw new Error("an element has no name");
  let at = start + 1 + raw.length;
  const attributes = new Map<string, string>();
  for (;;) {
    const match = matchAt(attributeExpression, text, at);
    if (match === null) break;
    const name = match[1] ?? "";
    if (attributes.has(name)) throw new Error(`attribute '${name}' twice`);
    if (attributes.size >= mostAttributes) throw new Error(`more than ${mostAttributes} attributes`);
    attributes.set(name, decodeEntities(match[2] ?? match[3] ?? ""));
    at += match[0].length;
  }
  const end = matchAt(endExpression, text, at);
  if (end === null) throw new Error(`the tag '${raw}' is not complete`);
  return { raw, attributes: [...attributes], closed: end[1] === "/", end: at + end[0].length };
}

function resolve(tag: Tag, outer: Scope): { element: XmlElement; children: (XmlElement | string)[]; scope: Scope } {
  const declared = tag.attributes.filter(isDeclaration);
  const scope =
    declared.length === 0 ? outer : { own: new Map(declared.map(([name, uri]) => [name.slice(6), uri])), outer };
  const split = (qualified: string, isAttribute: boolean) => {
    const colon = qualified.indexOf(":");
    const prefix = colon < 0 ? "" : qualified.slice(0, colon);
    const namespace = isAttribute && prefix === "" ? "" : namespaceOf(prefix, scope);
    if (namespace === undefined) throw new Error(`the prefix '${prefix}' is not declared`);
    return { namespace, name: qualified.slice(colon + 1) };
  };
  const children: (XmlElement | string)[] = [];
  const attributes = tag.attributes
    .filter((attribute) => !isDeclaration(attribute))
    .map(([name, value]) => ({ ...split(name, true), value }));
  return { element: { ...split(tag.raw, false), attributes, children }, children, scope };
}

const isDeclaration = ([name]: readonly [string, string]) => name === "xmlns" || name.startsWith("xmlns:");

function matchAt(expression: RegExp, text: string, at: number): RegExpExecArray | null {
  expression.lastIndex = at;
  return expression.exec(text);
}

function after(text: string, mark: string, from: number): number {
  const found = text.indexOf(mark, from);
  if (found < 0) throw new Error(`'${mark}' is missing`);
  return found + mark.length;
}

const entities = new Map([
  ["lt", "<"],
  ["gt", ">"],
  ["amp", "&"],
  ["quot", '"'],
  ["apos", "'"],
]);

/** What a document may hold; one that we wrote with anything else nobody could read. (XML 1.0, 2.2) */
const isCharacter = (code: number) =>
  (code >= 0x20 || code === 9 || code === 10 || code === 13) &&
  (code < 0xd800 || code > 0xdfff) &&
  code !== 0xfffe &&
  code !== 0xffff &&
  code <= 0x10ffff;

function decodeEntities(text: string): string {
  if (!text.includes("&")) return text;
  return text.replace(/&(?:#(\d{1,7})|#x([0-9A-Fa-f]{1,6})|(\w+));|&/g, (whole, decimal, hexadecimal, name) => {
    const code =
      decimal !== undefined ? Number(decimal) : hexadecimal !== undefined ? Number.parseInt(hexadecimal, 16) : null;
    if (code !== null && isCharacter(code)) return String.fromCodePoint(code);
    const known = entities.get(name ?? "");
    if (known === undefined) throw new Error(`'${whole}' is no known entity`);
    return known;
  });
}

function escapeText(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
