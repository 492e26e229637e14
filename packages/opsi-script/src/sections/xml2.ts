import { readFileSync } from "node:fs";
import { readStart } from "../files/file-content.ts";
import {
  childElements,
  newElement,
  parseXml,
  writeDocument,
  type XmlDocument,
  type XmlElement,
} from "../files/xml-document.ts";
import { findPath, openPath, parsePath } from "../files/xml-path.ts";
import { Cursor, stops } from "../language/lexer.ts";
import { SyntaxProblem } from "../language/problems.ts";
import { toBytes, toText, trim } from "../text/bytes.ts";
import { decode, isKnownEncoding } from "../text/encodings.ts";
import { runCommands, type SectionCall, type SectionHandler } from "./section.ts";
import { readNamedFile, writeTextFile } from "./text-file.ts";

/** Changes of an XML file; it is always written again (sections §5). */
export const xml2: SectionHandler = {
  perProfile: true,
  run: (call) => {
    const { path, encoding: given } = readNamedFile(call, "");
    const encoding = given || declaredEncoding(path) || "utf8";
    const document = read(call, path, encoding);
    const patch = new XmlPatch(call, document);
    runCommands(call, (text) => patch.execute(trim(text)));
    const lines = writeDocument(document).map(toBytes);
    writeTextFile(call.context, path, lines, encoding);
    return lines;
  },
};

/** What an existing file says about itself; read as anything else, its umlauts would be lost when it is written. */
function declaredEncoding(path: string): string | null {
  const start = readStart(path, 200).toString("latin1");
  const name = /^<\?xml[^>]*\sencoding\s*=\s*["']([^"']+)["']/.exec(start)?.[1] ?? "";
  return isKnownEncoding(name) ? name : null;
}

function read(call: SectionCall, path: string, encoding: string): XmlDocument {
  const text = toText(decode(readFileSync(path), encoding));
  if (text.trim() === "") {
    call.context.warning(toBytes(`${path} is empty`));
    call.context.warning("A root element is made");
    return { prolog: [], root: rootOnCreate(call), encoding: "UTF-8", problem: null };
  }
  const document = parseXml(text);
  if (document.problem !== null) call.context.error(toBytes(`${path}: ${document.problem}`));
  document.root ??= rootOnCreate(call);
  return document;
}

/** `rootnodeOnCreate = name [attr="v"]` anywhere in the section. */
function rootOnCreate(call: SectionCall): XmlElement {
  for (const { text } of call.lines) {
    const value = /^\s*rootnodeoncreate\s*=\s*(.+)$/i.exec(text)?.[1];
    if (value === undefined) continue;
    const [step] = parsePath(toText(trim(value).replace(/^(["'])(.*)\1$/, "$2")));
    const root = newElement(step?.name ?? "rootnode");
    for (const [name, attribute] of step?.attributes ?? []) root.attributes.set(name, attribute);
    return root;
  }
  return newElement("rootnode");
}

class XmlPatch {
  readonly #call: SectionCall;
  readonly #document: XmlDocument;
  #current: XmlElement | null = null;
  #strict = false;

  constructor(call: SectionCall, document: XmlDocument) {
    this.#call = call;
    this.#document = document;
  }

  execute(text: string): void {
    const cursor = new Cursor(text);
    const word = cursor.word(stops.sectionWord);
    const { root } = this.#document;
    if (!root) return;
    switch (word.toLowerCase()) {
      case "rootnodeoncreate":
        return;
      case "strictmode":
        cursor.expect("=");
        this.#strict = cursor.rest.trim().toLowerCase() === "true";
        return;
      case "opennode":
        this.#current = openPath(root, parsePath(this.#last(cursor)), this.#strict);
        return;
      case "deletenode": {
        const element = findPath(root, parsePath(this.#last(cursor)), this.#strict);
        if (element?.parent) element.parent.children.splice(element.parent.children.indexOf(element), 1);
        this.#current = null;
        return;
      }
      case "setnodetext": {
        const value = this.#last(cursor);
        this.#change((element) => {
          const others = element.children.filter((node) => node.kind === "element" || node.kind === "comment");
          element.children.splice(
            0,
            element.children.length,
            ...(value === "" ? [] : [{ kind: "text", value } as const]),
            ...others,
          );
        });
        return;
      }
      case "setnodepair": {
        const [keyTag, key, valueTag] = [this.#next(cursor), this.#next(cursor), this.#next(cursor)];
        const value = this.#last(cursor);
        this.#change((element) => setPair(element, keyTag, key, valueTag, value));
        return;
      }
      case "addnewnode": {
        const name = this.#last(cursor);
        this.#change((element) => {
          this.#current = newElement(name, element);
          element.children.push(this.#current);
        });
        return;
      }
      case "gotoparentnode":
        this.#change((element) => {
          if (element.parent) this.#current = element.parent;
        });
        return;
      case "setattribute":
      case "addattribute": {
        const name = this.#next(cursor);
        const value = this.#last(cursor);
        this.#change((element) => {
          if (word.toLowerCase() === "setattribute" || !element.attributes.has(name))
            element.attributes.set(name, value);
        });
        return;
      }
      case "deleteattribute": {
        const name = this.#last(cursor);
        this.#change((element) => element.attributes.delete(name));
        return;
      }
      default:
        throw new SyntaxProblem(`Unknown command: ${word}`);
    }
  }

  #next(cursor: Cursor): string {
    return toText(cursor.sectionLiteral());
  }

  #last(cursor: Cursor): string {
    const value = this.#next(cursor);
    if (!cursor.atEnd) throw new SyntaxProblem(`Remaining char(s) not allowed here: ${cursor.rest}`);
    return value;
  }

  #change(change: (element: XmlElement) => void): void {
    if (this.#current) change(this.#current);
    else this.#call.context.error("No node is open");
  }
}

/** A key element and the value element behind it, as property lists have them; only in `dict`. */
function setPair(element: XmlElement, keyTag: string, key: string, valueTag: string, value: string): void {
  if (element.name !== "dict") return;
  const children = childElements(element);
  const at = children.findIndex(
    (child) => child.name === keyTag && child.children.some((node) => node.kind === "text" && node.value === key),
  );
  const withText = (name: string, text: string): XmlElement => {
    const made = newElement(name, element);
    if (text !== "") made.children.push({ kind: "text", value: text });
    return made;
  };
  if (at < 0) {
    element.children.push(withText(keyTag, key), withText(valueTag, value));
    return;
  }
  const keyElement = children[at];
  const old = children[at + 1];
  if (old) element.children.splice(element.children.indexOf(old), 1);
  if (keyElement) element.children.splice(element.children.indexOf(keyElement) + 1, 0, withText(valueTag, value));
}
