import type { Statement } from "../language/syntax.ts";
import type { Place } from "./diagnostic.ts";

/** Something that a script defines, with all places that mean it: what an editor jumps to, explains and renames. */
export interface ScriptSymbol {
  readonly kind: "string" | "stringlist" | "function" | "section";
  readonly name: string;
  readonly definition: Place;
  readonly uses: Place[];
  /** The variable of a loop, whose name is replaced as text. */
  readonly isLoop: boolean;
  /** Of functions. */
  readonly signature: (Statement & { kind: "deffunc" }) | null;
}

/** Lines that are executed together: a section from its start, or a branch of a condition. */
export interface Branch {
  readonly parent: Branch | null;
}

/** Whether everything in `outer` was executed before, wherever `inner` is. */
export function isWithin(inner: Branch, outer: Branch): boolean {
  for (let branch: Branch | null = inner; branch; branch = branch.parent) if (branch === outer) return true;
  return false;
}

export interface KnownVariable {
  readonly symbol: ScriptSymbol;
  readonly branch: Branch;
  /** The one text that it was given; `null` when there are others or it cannot be known. */
  literal: string | null | undefined;
}

/** Variables that are known at a place: locals of a function, those of the functions around it, globals. */
export class Scope {
  readonly variables = new Map<string, KnownVariable>();
  readonly outer: Scope | null;

  constructor(outer: Scope | null) {
    this.outer = outer;
  }

  find(key: string): KnownVariable | undefined {
    for (let scope: Scope | null = this; scope; scope = scope.outer) {
      const found = scope.variables.get(key);
      if (found) return found;
    }
    return undefined;
  }

  *names(): Iterable<string> {
    for (let scope: Scope | null = this; scope; scope = scope.outer) {
      for (const { symbol } of scope.variables.values()) yield symbol.name;
    }
  }
}
