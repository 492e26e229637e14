import { readText } from "../files/file-content.ts";
import {
  childElements,
  firstDescendant,
  parseXml,
  textOf,
  writeElement,
  type XmlElement,
} from "../files/xml-document.ts";
import { findPath, parsePath } from "../files/xml-path.ts";
import { FatalProblem, reasonOf } from "../language/problems.ts";
import { level } from "../log/log.ts";
import { toBytes, toText, trim } from "../text/bytes.ts";
import { builtin } from "./builtin.ts";

/** The writer of the original starts with a line end: the first line is empty. */
const asList = (element: XmlElement | null | undefined) => (element ? ["", ...writeElement(element).map(toBytes)] : []);

/** The top element of a serialised list; broken XML is an exception of the original that ends the script. */
function rootOf(list: readonly string[]): XmlElement | null {
  if (list.length === 0) return null;
  const { root, problem } = parseXml(toText(list.join("\n")));
  if (problem !== null) throw new FatalProblem(toBytes(`XML: ${problem}`));
  return root;
}

const xml = { name: "xml", type: "list" } as const;
const name = { name: "name", type: "string" } as const;

export const getXml2DocumentFromFile = builtin({
  name: "getXml2DocumentFromFile",
  parameters: [{ name: "file", type: "string" }],
  returns: "list",
  doc: "The root element of an XML file as lines.",
  examples: [],
  run: (context, file) => {
    try {
      return asList(rootOf([readText(file, "utf8")]));
    } catch (error) {
      if (error instanceof FatalProblem) throw error;
      context.log.write(level.error, `${file}: ${reasonOf(error)}`);
      return [];
    }
  },
});

export const getXml2Document = builtin({
  name: "getXml2Document",
  parameters: [xml],
  returns: "list",
  doc: "The root element of an XML text, formatted.",
  examples: [["getXml2Document(createStringList('<a><b/></a>'))", ["", "<a>", "  <b/>", "</a>"]]],
  run: (_context, list) => asList(rootOf(list)),
});

export const xml2GetFirstChildNodeByName = builtin({
  name: "xml2GetFirstChildNodeByName",
  parameters: [xml, name],
  returns: "list",
  doc: "The first element of that name below the top element.",
  examples: [["xml2GetFirstChildNodeByName(createStringList('<a><b/></a>'), \"b\")", ["", "<b/>"]]],
  run: (_context, list, wanted) => {
    const root = rootOf(list);
    return root ? asList(firstDescendant(root, toText(wanted).replace(/^\/\//, ""))) : [];
  },
});

export const getXml2UniqueChildnodeByName = builtin({
  name: "getXml2UniqueChildnodeByName",
  parameters: [xml, name],
  returns: "list",
  doc: "The only child of that name; empty when there are none or several.",
  examples: [["getXml2UniqueChildnodeByName(createStringList('<a><b/></a>'), \"b\")", ["", "<b/>"]]],
  run: (context, list, wanted) => {
    const root = rootOf(list);
    const found = root ? childElements(root).filter((child) => child.name === toText(wanted)) : [];
    if (found.length === 1) return asList(found[0]);
    context.log.write(level.error, `${found.length} elements ${wanted}`);
    return [];
  },
});

export const getXml2AttributeValueByKey = builtin({
  name: "getXml2AttributeValueByKey",
  parameters: [xml, { name: "attribute", type: "string" }],
  returns: "string",
  doc: "An attribute of the top element.",
  examples: [['getXml2AttributeValueByKey(createStringList(\'<a k="v"/>\'), "k")', "v"]],
  run: (_context, list, attribute) => toBytes(rootOf(list)?.attributes.get(toText(attribute)) ?? ""),
});

export const getXml2Text = builtin({
  name: "getXml2Text",
  parameters: [xml],
  returns: "string",
  doc: "The text of the top element.",
  examples: [["getXml2Text(createStringList('<a>t</a>'))", "t"]],
  run: (_context, list) => {
    const root = rootOf(list);
    return root ? toBytes(textOf(root)) : "";
  },
});

export const getXml2ValueNodeTextByKeyNodeText = builtin({
  name: "getXml2ValueNodeTextByKeyNodeText",
  parameters: [
    xml,
    { name: "keyNode", type: "string" },
    { name: "keyText", type: "string" },
    { name: "valueNode", type: "string" },
  ],
  returns: "string",
  doc: "In property lists: the text of the value element behind a key element.",
  examples: [
    [
      'getXml2ValueNodeTextByKeyNodeText(createStringList(\'<d><key>N</key><string>v</string></d>\'), "key", "N", "string")',
      "v",
    ],
  ],
  run: (_context, list, keyNode, keyText, valueNode) => {
    const root = rootOf(list);
    const value = root && findValue(root, toText(keyNode), toText(keyText), toText(valueNode));
    return toBytes(value ?? "");
  },
});

function findValue(element: XmlElement, keyNode: string, keyText: string, valueNode: string): string | null {
  const children = childElements(element);
  for (const [index, child] of children.entries()) {
    if (child.name === keyNode && trim(textOf(child)) === keyText) {
      const next = children[index + 1];
      return next?.name === valueNode ? textOf(next) : null;
    }
    const deeper = findValue(child, keyNode, keyText, valueNode);
    if (deeper !== null) return deeper;
  }
  return null;
}

export const xml2GetFirstChildNodeByNameAtributeValue = builtin({
  name: "xml2GetFirstChildNodeByNameAtributeValue",
  parameters: [xml, name, { name: "attribute", type: "string" }, { name: "value", type: "string" }],
  returns: "list",
  doc: "Known to the parser, without a result, as in the original.",
  examples: [],
  run: () => [],
});

export const xml2NodeExistsByPathInXMLFile = builtin({
  name: "xml2NodeExistsByPathInXMLFile",
  parameters: [
    { name: "file", type: "string" },
    { name: "path", type: "string" },
    { name: "strict", type: "stringOrBoolean" },
  ],
  returns: "boolean",
  doc: "Whether a node path as in XML2 sections exists in a file.",
  examples: [['xml2NodeExistsByPathInXMLFile("/no/such/file","a","false")', false]],
  run: (context, file, path, strict) => {
    try {
      const { root } = parseXml(toText(readText(file, "utf8")));
      const isStrict = strict === true || (typeof strict === "string" && trim(strict).toLowerCase() === "true");
      return root !== null && findPath(root, parsePath(toText(path)), isStrict) !== null;
    } catch (error) {
      context.log.write(level.error, `${file}: ${reasonOf(error)}`);
      return false;
    }
  },
});
