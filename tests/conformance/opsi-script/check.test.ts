import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { checkFiles } from "../../../packages/opsi-script/src/check/check-files.ts";
import { formatFile } from "../../../packages/opsi-script/src/format/format-file.ts";
import { parseLine } from "../../../packages/opsi-script/src/language/parser.ts";
import { parseSource } from "../../../packages/opsi-script/src/language/source.ts";
import { openCorpus } from "../open-corpus.ts";
import { type Case, findCases } from "./find-cases.ts";

const errorsOf = (path: string) => checkFiles([path]).diagnostics.filter(({ severity }) => severity === "error");

/** What a script says in the end: nothing of the text is wrong, it failed by itself or by the system. */
const failWhenTheyRun = [
  "errors/fatalonruntimeerror",
  "files/bom",
  "files/missing-arguments",
  "flow/exitscript",
  "flow/isfatalerror-in-loop",
  "flow/isfatalerror-in-sub",
  "flow/isfatalerror-text",
  "patches/no-file",
  "patchtextfile/bad-argument",
  "patchtextfile/mozilla-list",
  "xml2/document",
];

const failed = ({ exitCode }: Case) => exitCode !== 0;

test("no error where the original runs a script with success, some where it fails", { timeout: 60_000 }, async () => {
  await using corpus = await openCorpus("opsi-script");
  const cases = await findCases(corpus.directory);
  expect(cases.length).toBeGreaterThan(300);
  const accused = cases.filter((one) => !failed(one) && errorsOf(one.script).length > 0);
  expect(accused.map(({ place }) => place)).toEqual([]);
  const missed = cases.filter((one) => failed(one) && errorsOf(one.script).length === 0);
  expect(missed.map(({ place }) => place).filter((place) => !failWhenTheyRun.includes(place))).toEqual([]);
});

/** Where the original says nothing although something is missing. */
const silent = ["flow/switch-missing-endswitch"];

test("no warning of an unknown name in scripts that run without any error", async () => {
  await using corpus = await openCorpus("opsi-script");
  const cases = (await findCases(corpus.directory)).filter((one) => !failed(one) && /^errors: 0 /.test(one.counters));
  expect(cases.length).toBeGreaterThan(200);
  const wrong = cases.flatMap(({ place, script }) => {
    const { diagnostics } = checkFiles([script]);
    if (diagnostics.some(({ code }) => code === "unreachable")) return []; // mistakes that are never executed
    const found = diagnostics.filter(({ code }) => /^(undefined|wrong|syntax|open|unknown-command)/.test(code));
    return found.length > 0 ? [place] : [];
  });
  expect(wrong.filter((place) => !silent.includes(place))).toEqual([]);
});

test("formatted scripts say the same, and formatting them again changes nothing", async () => {
  await using corpus = await openCorpus("opsi-script");
  const statements = (data: Buffer) => parseSource(data, "x").lines.map(({ text }) => parseLine(text));
  for (const { place, script } of await findCases(corpus.directory)) {
    const data = readFileSync(script);
    const formatted = formatFile(data, "\t");
    expect(formatFile(formatted, "\t"), place).toEqual(formatted);
    expect(statements(formatted), place).toEqual(statements(data));
  }
});

test("our own products and libraries have nothing to complain about", () => {
  const root = join(dirname(import.meta.dirname), "../..");
  const { diagnostics, files } = checkFiles([join(root, "products"), join(root, "packages/opsi-script/lib")]);
  expect(diagnostics).toEqual([]);
  expect(files).toBeGreaterThan(10);
});
