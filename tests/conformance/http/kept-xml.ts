import { davChild, elements, parseXml, type XmlElement } from "../../../packages/server/src/http/webdav/xml.ts";
import { canonical } from "../json-values.ts";
import { isTime, withoutLockTokens } from "./placeholders.ts";

/**
 * An XML body in the form in which it is kept; null if it is none.
 *
 * @param fixed times of files that the case gives them
 */
export function keptXml(body: Buffer, fixed: ReadonlySet<string>): Record<string, unknown> | null {
  let root: XmlElement;
  try {
    root = parseXml(body.toString());
  } catch {
    return null;
  }
  const isMultistatus = clarkName(root) === "{DAV:}multistatus";
  return isMultistatus ? { multistatus: responses(root, fixed) } : { xml: tree(root) };
}

const clarkName = ({ namespace, name }: XmlElement) => (namespace === "" ? name : `{${namespace}}${name}`);

/** The text before the first child element. */
function leadingText({ children }: XmlElement): string {
  const end = children.findIndex((child) => typeof child !== "string");
  return (end < 0 ? children : children.slice(0, end)).join("").trim();
}

const sorted = (values: unknown[]) => values.toSorted((a, b) => (canonical(a) < canonical(b) ? -1 : 1));

function tree(element: XmlElement): unknown[] {
  const name = clarkName(element);
  let text = withoutLockTokens(leadingText(element));
  if (name === "{DAV:}timeout") text = text.replace(/Second-\d+/, "Second-<n>");
  if (name === "{DAV:}href") text = decodedHref(text);
  return [name, ...(text === "" ? [] : [text]), ...sorted(elements(element).map(tree))];
}

/** Encoded in one way, however it was. */
function decodedHref(text: string): string {
  const bytes = Buffer.from(text).toString("latin1");
  const decoded = bytes.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  const path = Buffer.from(decoded, "latin1").toString();
  return path.split("/").map(quoted).join("/");
}

/** As Python's urllib quotes. */
const quoted = (part: string) =>
  encodeURIComponent(part.toWellFormed()).replace(
    /[!'()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );

function responses(root: XmlElement, fixed: ReadonlySet<string>): unknown[] {
  const found = elements(root)
    .filter((element) => clarkName(element) === "{DAV:}response")
    .map((response) => {
      const text = (name: string) => {
        const child = davChild(response, name);
        return child === null ? null : leadingText(child);
      };
      const status = text("status");
      return {
        href: decodedHref(text("href") ?? ""),
        hrefFirst: elements(response)[0]?.name === "href",
        ...(status === null ? {} : { status: Number(status.split(" ")[1]) }),
        properties: properties(response, fixed),
      };
    });
  return found.toSorted((a, b) => (a.href < b.href ? -1 : 1));
}

function properties(response: XmlElement, fixed: ReadonlySet<string>) {
  const byStatus: Record<string, Record<string, unknown>> = {};
  for (const stat of elements(response).filter((element) => clarkName(element) === "{DAV:}propstat")) {
    const status = davChild(stat, "status");
    const code = (status === null ? "" : leadingText(status)).split(" ")[1] ?? "";
    const prop = davChild(stat, "prop");
    const values = (prop === null ? [] : elements(prop)).map((element) => [
      clarkName(element),
      property(element, fixed),
    ]);
    byStatus[code] = { ...byStatus[code], ...Object.fromEntries(values) };
  }
  return byStatus;
}

function property(element: XmlElement, fixed: ReadonlySet<string>): unknown {
  const name = clarkName(element);
  const text = leadingText(element);
  if (name === "{DAV:}getlastmodified" && fixed.has(text)) return text;
  if (name === "{DAV:}getlastmodified" || name === "{DAV:}creationdate") return isTime(text) ? "<date>" : text;
  if (name === "{DAV:}getetag") return text === "" ? text : "<etag>";
  if (name.startsWith("{DAV:}quota-")) return text.replace(/^\d+$/, "<n>");
  const children = elements(element);
  return children.length === 0 ? text : sorted(children.map(tree));
}
