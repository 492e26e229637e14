import { Cursor, stops } from "../language/lexer.ts";
import { SyntaxProblem } from "../language/problems.ts";
import { childElements, newElement, type XmlElement } from "./xml-document.ts";

/** One step of a node path: an element name with attributes. Unicode texts. */
export interface PathStep {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
}

/** `name attr="v" // name2` (sections §5). */
export function parsePath(path: string): PathStep[] {
  return path.split(" // ").map((text) => {
    const cursor = new Cursor(text.trim());
    const name = cursor.word(stops.plain);
    if (name === "") throw new SyntaxProblem(`Element name expected: ${path}`);
    const attributes = new Map<string, string>();
    while (!cursor.atEnd) {
      const attribute = cursor.word(new Set([" ", "\t", "="]));
      if (attribute === "") throw new SyntaxProblem(`Attribute expected: ${path}`);
      cursor.expect("=");
      attributes.set(attribute, cursor.sectionLiteral());
    }
    return { name, attributes };
  });
}

/** Strict: exactly these attributes. Otherwise the first child of that name, whatever its attributes are. */
function findStep(parent: XmlElement, step: PathStep, strict: boolean): XmlElement | undefined {
  return childElements(parent).find((child) => {
    if (child.name !== step.name) return false;
    if (!strict) return true;
    return (
      child.attributes.size === step.attributes.size &&
      [...step.attributes].every(([name, value]) => child.attributes.get(name) === value)
    );
  });
}

/** `null` when the path does not exist. */
export function findPath(root: XmlElement, steps: readonly PathStep[], strict: boolean): XmlElement | null {
  let element: XmlElement | undefined = root;
  for (const step of steps) {
    element = findStep(element, step, strict);
    if (!element) return null;
  }
  return element;
}

/** Missing elements are made, with the attributes of the path. */
export function openPath(root: XmlElement, steps: readonly PathStep[], strict: boolean): XmlElement {
  let element = root;
  for (const step of steps) {
    let next = findStep(element, step, strict);
    if (!next) {
      next = newElement(step.name, element);
      for (const [name, value] of step.attributes) next.attributes.set(name, value);
      element.children.push(next);
    }
    element = next;
  }
  return element;
}
