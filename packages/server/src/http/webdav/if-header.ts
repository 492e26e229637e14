import { WebdavError } from "./webdav-error.ts";

/** One condition of a list: a lock token or an entity tag. */
export interface IfCondition {
  readonly not: boolean;
  readonly kind: "token" | "tag";
  readonly value: string;
}

/** Conditions that must all hold, for the resource named before them or for that of the request. */
export interface IfList {
  readonly resource: string | null;
  readonly conditions: readonly IfCondition[];
}

/**
 * Reads an If header: `(<token> ["tag"]) (Not <token>)`, each list optionally after `<resource>`. RFC 4918, 10.4
 *
 * @throws WebdavError 400
 */
export function parseIf(header: string): IfList[] {
  const lists: IfList[] = [];
  let resource: string | null = null;
  let rest = header.trim();
  while (rest !== "") {
    const tagged = /^<([^<>]*)>\s*/.exec(rest);
    if (tagged !== null) {
      resource = tagged[1] ?? "";
      rest = rest.slice(tagged[0].length);
    }
    const list = /^\(([^()]*)\)\s*/.exec(rest);
    if (list === null) throw new WebdavError(400, "The header If cannot be read");
    lists.push({ resource, conditions: parseConditions(list[1] ?? "") });
    rest = rest.slice(list[0].length);
  }
  return lists;
}

/** Every lock token that the header mentions: the client knows them. */
export function submittedTokens(lists: readonly IfList[]): Set<string> {
  const tokens = lists.flatMap(({ conditions }) => conditions.filter(({ kind, not }) => kind === "token" && !not));
  return new Set(tokens.map(({ value }) => value));
}

function parseConditions(text: string): IfCondition[] {
  const conditions: IfCondition[] = [];
  let rest = text.trim();
  while (rest !== "") {
    const match = /^(Not\s+)?(?:<([^<>]+)>|\[\s*(?:W\/)?("[^"]*")\s*\]|(opaquelocktoken:[\w-]+))\s*/i.exec(rest);
    if (match === null) throw new WebdavError(400, "The header If cannot be read");
    const [whole, not, token = match[4], tag] = match; // tokens also without <>, as our Lock-Token header has them
    conditions.push({
      not: not !== undefined,
      kind: token === undefined ? "tag" : "token",
      value: token ?? tag ?? "",
    });
    rest = rest.slice(whole.length);
  }
  return conditions;
}
