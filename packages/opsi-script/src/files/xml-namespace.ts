const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** The first start tag of an element: what stands in front of its end, and the end. */
const startTag = (element: string) => new RegExp(`(<${escaped(element)}(?=[\\s/>])[^>]*?)(\\s*/?>)`);

/** Puts the text of an attribute into the first start tag of an element; unchanged where it is, or where there is no such element. */
export const addNamespace = (xml: string, element: string, namespace: string): string =>
  xml.replace(startTag(element), (whole, tag: string, end: string) =>
    tag.includes(namespace) ? whole : `${tag} ${namespace}${end}`,
  );

/** The inverse. */
export const removeNamespace = (xml: string, element: string, namespace: string): string =>
  xml.replace(startTag(element), (whole) => whole.replace(new RegExp(`\\s*${escaped(namespace)}`), ""));
