import { canonical, isRecord, ordered, same, shape, typeName } from "../json-values.ts";
import type { Answer, Comparison, Step } from "./recorded-case.ts";

/** The rules of comparison of the corpus' README. */

const missing = Symbol("missing");

/** The original's own crashes: any answer will do. */
const crashes = new Set([
  "AttributeError",
  "KeyError",
  "IndexError",
  "UnboundLocalError",
  "NameError",
  "RecursionError",
  "AssertionError",
]);

/** Errors of the original's runtime, database and libraries: any error of ours will do. */
const foreignErrors = new Set([
  ..."UnicodeEncodeError UnicodeDecodeError DecodeError ValidationError JSONDecodeError OverflowError".split(" "),
  ..."IntegrityError OperationalError DataError ProgrammingError StatementError InterfaceError".split(" "),
  ..."NotSupportedError InvalidRequestError PendingRollbackError CompileError ArgumentError".split(" "),
  ..."FileNotFoundError PermissionError NotADirectoryError IsADirectoryError CalledProcessError Exception".split(" "),
  ..."OSError gaierror Error".split(" "),
]);

const time = /\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)?|(?<!\d)20\d{12}(?!\d)/g;
const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi;
const hex32 = /(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])/g;

function normalise(text: string, literal: string): string {
  const mask = (pattern: RegExp, word: string, masked: string) =>
    masked.replace(pattern, (found) => (literal.includes(found) ? found : word));
  return mask(hex32, "<hex>", mask(uuid, "<uuid>", mask(time, "<time>", text)));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return missing;
  }
}

interface EnvelopeError {
  readonly class: unknown;
  readonly message: unknown;
  readonly code: unknown;
  readonly withoutDetails: boolean;
}

function errorOf(envelope: Record<string, unknown>): EnvelopeError | null {
  const { error } = envelope;
  if (!isRecord(error)) return null;
  const data = isRecord(error["data"]) ? error["data"] : error;
  return {
    class: data["class"] ?? null,
    message: error["message"],
    code: error["code"],
    withoutDetails: (data["details"] ?? null) === null,
  };
}

/** Python's representation of objects inside of a text is not compared. */
const soften = (message: unknown) =>
  String(message)
    .replace(/<[^<>]*>|ColumnInfo\(.*/g, "<>")
    .replace(/\s+/g, " ");

function errorDifference(wanted: EnvelopeError, got: EnvelopeError, how: Comparison): string | null {
  if (how === "type" || foreignErrors.has(String(wanted.class))) return null;
  if (wanted.class !== got.class) return `error class ${wanted.class} / ${got.class}: ${got.message}`;
  if (wanted.code !== got.code || wanted.withoutDetails !== got.withoutDetails) return "error code or details";
  if (wanted.class !== "TypeError" && how === "exact" && soften(wanted.message) !== soften(got.message)) {
    return `error text ${soften(wanted.message)} / ${soften(got.message)}`;
  }
  return null;
}

const comparedFields = [
  ..."name params args varargs keywords defaults deprecated drop_version alternative_method".split(" "),
];

function interfaceDifference(wanted: unknown, got: unknown): string | null {
  const table = (methods: unknown) =>
    new Map(
      (Array.isArray(methods) ? methods : [])
        .filter(isRecord)
        .map((method) => [method["name"], comparedFields.map((field) => method[field] ?? null)]),
    );
  const ours = table(got);
  const bad = [...table(wanted)].filter(([name, fields]) => !same(fields, ours.get(name))).map(([name]) => name);
  return bad.length > 0 ? `${bad.length} methods differ: ${bad.slice(0, 8).join(", ")}` : null;
}

function resultDifference(wanted: unknown, got: unknown, how: Comparison, unordered: boolean): string | null {
  switch (how) {
    case "type":
      return typeName(wanted) === typeName(got) ? null : `type ${typeName(wanted)} / ${typeName(got)}`;
    case "shape":
      return same(shape(wanted), shape(got)) ? null : `shape ${canonical(shape(wanted))} / ${canonical(shape(got))}`;
    case "interface":
      return interfaceDifference(wanted, got);
    case "unordered-deep":
      return plainDifference(ordered(wanted, true), ordered(got, true));
    case "exact":
      return unordered ? plainDifference(ordered(wanted, false), ordered(got, false)) : plainDifference(wanted, got);
    default:
      return how satisfies never;
  }
}

/** Shows the first characters that differ, with some text before them. */
function plainDifference(wanted: unknown, got: unknown): string | null {
  const [left, right] = [canonical(wanted), canonical(got)];
  if (left === right) return null;
  let start = 0;
  while (left[start] === right[start]) start++;
  const from = Math.max(0, start - 40);
  return `result …${left.slice(from, start + 80)} / …${right.slice(from, start + 80)}`;
}

function envelopeDifference(wanted: unknown, got: unknown, step: Step): string | null {
  const { compare: how = "exact", unordered = false } = step;
  if (!isRecord(wanted) || !isRecord(got)) return same(wanted, got) ? null : "body";
  const wantedError = errorOf(wanted);
  const gotError = errorOf(got);
  if (wantedError && crashes.has(String(wantedError.class))) return null;
  const members = [Object.keys(wanted).sort().join(" "), Object.keys(got).sort().join(" ")];
  if (members[0] !== members[1]) return `members ${members.join(" / ")}${gotError ? `: ${gotError.message}` : ""}`;
  for (const member of Object.keys(wanted)) {
    if (member !== "result" && member !== "error" && !same(wanted[member], got[member])) return `member ${member}`;
  }
  if (wantedError && gotError) return errorDifference(wantedError, gotError, how);
  if (wantedError) return `result instead of error ${wantedError.class}: ${wantedError.message}`;
  if (gotError) return `error instead of result: ${gotError.message}`;
  return resultDifference(wanted["result"] ?? null, got["result"] ?? null, how, unordered);
}

/**
 * Why an answer is not the recorded one, or null.
 *
 * @param literal the text of the case's steps: what stands in it is not a placeholder
 */
export function difference(step: Step, wanted: Answer, got: Answer, literal: string): string | null {
  if (wanted.status !== got.status) return `status ${wanted.status} / ${got.status}: ${got.body.slice(0, 200)}`;
  const left = parse(normalise(wanted.body, literal));
  const right = parse(normalise(got.body, literal));
  if (left === missing) return right === missing ? null : "body is JSON";
  if (right === missing) return "body is not JSON";
  if (Array.isArray(left) && Array.isArray(right)) {
    if (left.length !== right.length) return `${left.length} / ${right.length} answers`;
    return (
      left.map((answer, index) => envelopeDifference(answer, right[index], step)).find((why) => why !== null) ?? null
    );
  }
  return envelopeDifference(left, right, step);
}
