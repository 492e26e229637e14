import { JsonText } from "@opsi-ts/protocol";
import type { Method } from "./declare.ts";
import type { Site } from "./site.ts";

/** One entry of `backend_getInterface`; depot servers build a record with exactly these fields. (methods 3) */
export interface MethodDescription {
  readonly name: string;
  readonly params: readonly string[];
  readonly args: readonly string[];
  readonly varargs: null;
  readonly keywords: string | null;
  readonly defaults: readonly unknown[] | null;
  readonly deprecated: boolean;
  readonly drop_version: string | null;
  readonly alternative_method: string | null;
  readonly doc: string | null;
  readonly annotations: Readonly<Record<string, string>>;
}

function describe(method: Method): MethodDescription {
  const { parameters, keywords = null } = method;
  const optional = parameters.filter((parameter) => Object.hasOwn(parameter, "initial"));
  const params = parameters.map((parameter) => (optional.includes(parameter) ? `*${parameter.name}` : parameter.name));
  return {
    name: method.name,
    params: keywords === null ? params : [...params, `**${keywords}`],
    args: ["self", ...parameters.map(({ name }) => name)],
    varargs: null,
    keywords,
    defaults: optional.length > 0 ? optional.map(({ initial }) => initial) : null,
    deprecated: method.deprecated === true || method.dropVersion !== undefined,
    drop_version: method.dropVersion ?? null,
    alternative_method: method.alternative ?? null,
    doc: method.doc,
    annotations: Object.fromEntries(
      parameters.flatMap(({ name, annotation }) => (annotation === undefined ? [] : [[name, annotation]])),
    ),
  };
}

/** The description of all methods, sorted by code point. */
export function describeInterface(methods: Iterable<Method>): MethodDescription[] {
  return [...methods].map(describe).sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

const texts = new WeakMap<Site, { readonly methods: readonly Method[]; readonly text: JsonText }>();

/**
 * The same as JSON: it is the first and largest thing that every program asks for, so it is made only when methods came
 * or went, which those of extensions do at any time.
 */
export function interfaceText(site: Site): JsonText {
  const methods = [...site.methods()];
  const known = texts.get(site);
  const isSame = methods.length === known?.methods.length && methods.every((one, at) => one === known.methods[at]);
  if (known !== undefined && isSame) return known.text;
  const text = new JsonText(JSON.stringify(describeInterface(methods)));
  texts.set(site, { methods, text });
  return text;
}
