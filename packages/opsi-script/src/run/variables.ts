/** A string or list variable. `ref` parameters share the object with the caller's variable. */
export type Variable =
  | { readonly kind: "string"; readonly name: string; value: string }
  | { readonly kind: "list"; readonly name: string; value: readonly string[] };

export type Scope = Map<string, Variable>;

/** The locals of a running function, with those of the functions around its definition that are still running. */
export interface Frame {
  readonly locals: Scope;
  readonly enclosing: Frame | null;
}

/** All variables of a run: globals and the locals of the running function (language §2.5). */
export class Variables {
  readonly globals: Scope = new Map();
  frame: Frame | null = null;

  find(key: string): Variable | undefined {
    for (let frame = this.frame; frame; frame = frame.enclosing) {
      const found = frame.locals.get(key);
      if (found) return found;
    }
    return this.globals.get(key);
  }

  /** Where new variables go. */
  get own(): Scope {
    return this.frame?.locals ?? this.globals;
  }

  /** All visible string variables in the order in which sections replace them: innermost first (language §1.7). */
  *strings(): Iterable<Variable & { kind: "string" }> {
    for (let frame = this.frame; frame; frame = frame.enclosing) {
      for (const variable of frame.locals.values()) if (variable.kind === "string") yield variable;
    }
    for (const variable of this.globals.values()) if (variable.kind === "string") yield variable;
  }
}
