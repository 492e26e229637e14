import { isRecord, ordered, same, shape } from "../json-values.ts";
import { foreignErrors, masked } from "./placeholders.ts";
import type { Kept, Step } from "./recorded-case.ts";

/** Headers that must be absent where they were not recorded. */
const absentToo = new Set([
  ..."content-encoding content-range content-disposition location www-authenticate lock-token retry-after".split(" "),
  ..."set-cookie x-opsi-error x-opsi-user-id x-opsi-new-host-id x-total-count".split(" "),
]);

/** What is wrong with an answer, null if nothing is. @param literal everything that the case says */
export function difference(step: Step, want: Kept, got: Kept, literal: string): string | null {
  const { compare = "exact" } = step;
  if (compare === "refused") return got.status >= 400 ? null : `status ${want.status} / ${got.status}, not refused`;
  if (want.status !== got.status) return `status ${want.status} / ${got.status}`;
  if (compare === "status") return null;
  const why = headerDifference(step, want, got, literal);
  return why !== null || compare === "headers" ? why : bodyDifference(step, want, got, literal);
}

function headerDifference(step: Step, want: Kept, got: Kept, literal: string): string | null {
  const names = new Set([
    ...Object.keys(want.headers),
    ...Object.keys(got.headers).filter((name) => absentToo.has(name)),
  ]);
  for (const name of [...names].sort()) {
    if (step.ignore?.includes(name)) continue;
    const isPage = "page" in want.body && (want.status >= 400 || step.method !== "GET");
    if (name === "content-type" && isPage) continue;
    const [left, right] = [want.headers[name], got.headers[name]];
    if (!same(masked(left, literal), masked(right, literal))) {
      return `header ${name}: ${JSON.stringify(left)} / ${JSON.stringify(right)}`;
    }
  }
  return null;
}

function bodyDifference({ compare, method }: Step, want: Kept, got: Kept, literal: string): string | null {
  if ("page" in want.body || "kind" in want.body) {
    return want.status < 400 && got.body["empty"] === true && method === "GET" ? "body is empty" : null;
  }
  let [left, right]: [unknown, unknown] = [want.body, withoutMore(want.body, got.body)];
  if (compare === "shape" && ("json" in want.body || "msgpack" in want.body)) {
    [left, right] = [shape(left), shape(right)];
  } else if (compare === "unordered") {
    [left, right] = [ordered(left, true), ordered(right, true)];
  } else if (compare === "lines") {
    [left, right] = [lines(left), lines(right)];
  }
  [left, right] = withoutForeign(masked(left, literal), masked(right, literal));
  if (same(left, right)) return null;
  const short = (body: unknown) => JSON.stringify(body).slice(0, 500);
  return `body ${short(left)} / ${short(right)}`;
}

/** Texts as sorted lists of their lines and enumerated items. */
function lines(value: unknown): unknown {
  if (typeof value === "string") return value.split(/\n|, ?|; |'/).sort();
  if (Array.isArray(value)) return value.map(lines);
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, lines(member)]));
}

/** A body without the further WebDAV properties that it has. */
function withoutMore(want: Kept["body"], got: Kept["body"]): unknown {
  const [wanted, given] = [want["multistatus"], got["multistatus"]];
  if (!Array.isArray(wanted) || !Array.isArray(given) || wanted.length !== given.length) return got;
  const multistatus = given.map((response, index) => {
    const ours = response.properties["200"];
    const theirs = wanted[index].properties["200"];
    if (!ours || !theirs) return response;
    const common = Object.fromEntries(Object.entries(ours).filter(([name]) => name in theirs));
    return { ...response, properties: { ...response.properties, 200: common } };
  });
  return { ...got, multistatus };
}

/** Both sides, with an error that our code cannot say in the same words made equal. */
function withoutForeign(want: unknown, got: unknown): [unknown, unknown] {
  if (Array.isArray(want) && Array.isArray(got) && want.length === got.length) {
    const pairs = want.map((element, index) => withoutForeign(element, got[index]));
    return [pairs.map(([left]) => left), pairs.map(([, right]) => right)];
  }
  if (!isRecord(want) || !isRecord(got)) return [want, got];
  const error = want["error"];
  if (isRecord(error) && isRecord(got["error"])) {
    const { class: name } = isRecord(error["data"]) ? error["data"] : error;
    if (foreignErrors.has(name)) {
      return [
        { ...want, error: "<error>" },
        { ...got, error: "<error>" },
      ];
    }
  }
  if (foreignErrors.has(want["class"]) && "class" in got) return ["<error>", "<error>"];
  const [left, right] = [{ ...want }, { ...got }];
  for (const key of Object.keys(want).filter((name) => name in got)) {
    [left[key], right[key]] = withoutForeign(want[key], got[key]);
  }
  return [left, right];
}
