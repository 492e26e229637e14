import { isRecord } from "../json-values.ts";

/** Values that differ from run to run, replaced by words; those that the case itself names stay. */
const patterns: readonly (readonly [RegExp, string])[] = [
  [/(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d \w{3} \d{4} \d\d:\d\d:\d\d (GMT|UTC)/g, "<date>"],
  [/\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?|(?<!\d)20\d{12}(?!\d)/g, "<time>"],
  [/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi, "<uuid>"],
  [/(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])/g, "<hex>"],
];

/** @param literal everything that the case says */
export function masked(value: unknown, literal: string): unknown {
  if (typeof value === "string") {
    return patterns.reduce(
      (text, [pattern, word]) => text.replace(pattern, (found) => (literal.includes(found) ? found : word)),
      value,
    );
  }
  if (Array.isArray(value)) return value.map((element) => masked(element, literal));
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, masked(member, literal)]));
}

const httpTime = new RegExp(`^(?:${patterns[0]?.[0].source})$`);
const anyTime = new RegExp(`^(?:${patterns[1]?.[0].source})`);

export const isHttpTime = (text: string) => httpTime.test(text);
export const isTime = (text: string) => httpTime.test(text) || anyTime.test(text);

export const withoutLockTokens = (text: string) => text.replace(/(opaquelocktoken|urn:uuid):[0-9A-Za-z-]+/g, "<lock>");

/** Another language's runtime, library or database said it: any error of ours will do. */
export const foreignErrors: ReadonlySet<unknown> = new Set([
  ..."AttributeError KeyError IndexError UnboundLocalError NameError RecursionError AssertionError TypeError".split(
    " ",
  ),
  ..."UnicodeEncodeError UnicodeDecodeError DecodeError ValidationError JSONDecodeError OverflowError".split(" "),
  ..."BadGzipFile EOFError RuntimeError ReadError error IntegrityError OperationalError DataError".split(" "),
  ..."FileNotFoundError OSError".split(" "),
]);
