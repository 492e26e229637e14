import { Cursor } from "../language/lexer.ts";
import { SyntaxProblem } from "../language/problems.ts";
import type { Expression } from "../language/syntax.ts";
import { type RegistryView, splitKey } from "../platform/registry.ts";
import { readText } from "./section.ts";

/** Whose part of the registry a section works in. */
export type RegistryScope =
  | { readonly kind: "machine"; readonly baseKey: string }
  | { readonly kind: "userContext" }
  | { readonly kind: "hive"; readonly file: string }
  | { readonly kind: "everyHive"; readonly classes: boolean };

/** How a Registry section was called (sections §8). */
export interface RegistryOptions {
  readonly view: RegistryView;
  readonly scope: RegistryScope;
  /** In which language the lines are written. */
  readonly form: "commands" | "regedit" | "addReg";
}

/** @throws SyntaxProblem for unknown parameters, and for those that exclude each other */
export function parseRegistryOptions(text: string, evaluate: (expression: Expression) => string): RegistryOptions {
  let view: RegistryView = 32;
  let form: RegistryOptions["form"] = "commands";
  let scope: RegistryScope = { kind: "machine", baseKey: "" };
  let hives = false;
  const cursor = new Cursor(text);
  while (!cursor.atEnd) {
    if (cursor.skip("/32bit")) view = 32;
    else if (cursor.skip("/64bit") || cursor.skip("/sysnative")) view = 64;
    else if (cursor.skip("/regedit")) form = "regedit";
    else if (cursor.skip("/addreg")) form = "addReg";
    else if (cursor.skip("/usercontext")) scope = { kind: "userContext" };
    else if (cursor.skip("/allusrclassdats")) {
      scope = { kind: "everyHive", classes: true };
      hives = true;
    } else if (cursor.skip("/allntuserdats") || cursor.skip("/alluserprofiles") || cursor.skip("/allntuserprofiles")) {
      scope = { kind: "everyHive", classes: false };
      hives = true;
    } else if (cursor.skip("/ntuserdat")) {
      cursor.expect(":");
      scope = { kind: "hive", file: readText(cursor, evaluate) };
      hives = true;
    } else if (cursor.skip("/basekey")) {
      cursor.expect("=");
      const baseKey = readText(cursor, evaluate).replace(/^\[(.*)\]$/, "$1");
      if (hives) throw new SyntaxProblem("A base key cannot be combined with users' files");
      if (splitKey(baseKey) === null) throw new SyntaxProblem(`Unknown root: ${baseKey}`);
      scope = { kind: "machine", baseKey };
    } else throw new SyntaxProblem(`"${cursor.rest}" is no legal parameter`);
    if (hives && scope.kind === "machine") throw new SyntaxProblem("A base key cannot be combined with users' files");
    if (hives && form === "addReg") throw new SyntaxProblem("/AddReg cannot be combined with users' files");
  }
  return { view, scope, form };
}
