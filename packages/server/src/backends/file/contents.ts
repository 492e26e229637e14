import { isOpsiError, type OpsiObject } from "@opsi-ts/model";
import type { Problem } from "./ini-text.ts";

/** What was found in one file. */
export class Contents {
  readonly #path: string;
  readonly objects: OpsiObject[] = [];
  readonly problems: Problem[];

  constructor(path: string, problems: readonly Problem[] = []) {
    this.#path = path;
    this.problems = [...problems];
  }

  /** Takes what `make` returns; where it refuses a value, that is noted and the other objects count. */
  add(line: number, make: () => OpsiObject): void {
    try {
      this.objects.push(make());
    } catch (error) {
      if (!isOpsiError(error)) throw error;
      this.problems.push({ path: this.#path, line, message: error.message });
    }
  }
}

/** An object that a file is to hold in future, or, with null, no longer. */
export interface Change {
  readonly prefix: string;
  /** The attributes by which the object is found. */
  readonly ident: Readonly<Record<string, unknown>>;
  readonly object: OpsiObject | null;
}
