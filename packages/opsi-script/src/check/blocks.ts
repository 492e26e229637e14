import type { Expression, Statement } from "../language/syntax.ts";
import { equalIgnoringCase } from "../text/bytes.ts";
import { type Program, type Spot, wholeLine } from "./program.ts";
import type { Branch } from "./symbols.ts";

interface Block {
  readonly kind: "if" | "switch" | "case";
  readonly spot: Spot;
  /** Where the block stands. */
  readonly outer: Branch;
  /** Why nothing behind the block is executed either. */
  readonly outerEnd: string | null;
  hadElse: boolean;
  /** A condition so far is always true. */
  isDecided: boolean;
  /** All branches so far end the script. */
  allEnd: boolean;
}

const deepestConditions = 100;
const names = { if: "endif", switch: "EndSwitch", case: "EndCase" } as const;

/** The blocks of one section: whether they fit together, in which branch a line stands, whether it can be executed. */
export class Blocks {
  readonly #program: Program;
  readonly #blocks: Block[] = [];
  /** How many of them are conditions. */
  #conditions = 0;
  branch: Branch;
  /** Why the lines that follow are never executed; `null` if they are. */
  end: string | null = null;

  constructor(program: Program, branch: Branch) {
    this.#program = program;
    this.branch = branch;
  }

  get isInBlock(): boolean {
    return this.#blocks.length > 0;
  }

  /** Lines between the cases of a switch. */
  get isBetweenCases(): boolean {
    return this.#blocks.at(-1)?.kind === "switch";
  }

  /** True for the statements that make blocks. */
  follow(statement: Statement, spot: Spot): boolean {
    switch (statement.kind) {
      case "if":
        if (this.#conditions >= deepestConditions) {
          this.#complain(spot, `Conditions are nested deeper than ${deepestConditions}`);
          return true; // not counted by the interpreter either
        }
        this.#open("if", spot);
        this.#decide(statement.condition);
        return true;
      case "elseif":
      case "else": {
        const block = this.#innermost("if");
        if (!block) {
          this.#complain(spot, `${statement.kind} without if`);
          return true;
        }
        if (block.hadElse) this.#complain(spot, `${statement.kind} behind else`);
        this.#nextBranch(block);
        if (statement.kind === "elseif") this.#decide(statement.condition);
        else block.hadElse = true;
        return true;
      }
      case "endif":
        this.#close("if", spot, "endif without if");
        return true;
      case "switch":
        if (this.#innermost("switch")) this.#complain(spot, "Switch inside of a switch", nestInSub);
        this.#open("switch", spot);
        return true;
      case "case":
      case "defaultcase": {
        if (this.#openCase >= 0) this.#complain(spot, "EndCase expected before the next case");
        else if (!this.#innermost("switch")) this.#complain(spot, "Case without Switch");
        this.#open("case", spot);
        return true;
      }
      case "endcase":
        this.#close("case", spot, "EndCase without Case");
        return true;
      case "endswitch":
        if (this.#openCase >= 0) {
          this.#complain(spot, "EndCase expected before EndSwitch");
          this.#blocks.splice(this.#openCase, 1);
        }
        this.#close("switch", spot, "EndSwitch without Switch");
        return true;
      default:
        return false;
    }
  }

  /** At the end of the section. A missing endif is fatal whatever the script says about syntax errors (language §2.6). */
  finish(section: string): void {
    for (const { kind, spot } of this.#blocks) {
      const text = `${names[kind]} expected: this ${kind} is not closed in ${section}`;
      const isFatal = kind === "if" && this.#program.isReachable;
      this.#program.report("open-block", wholeLine(spot), text, null, isFatal ? "error" : "warning");
    }
  }

  #open(kind: Block["kind"], spot: Spot): void {
    const { branch, end } = this;
    if (kind === "if") this.#conditions++;
    this.#blocks.push({ kind, spot, outer: branch, outerEnd: end, hadElse: false, isDecided: false, allEnd: true });
    this.branch = { parent: branch };
  }

  #nextBranch(block: Block): void {
    if (this.end === block.outerEnd) block.allEnd = false;
    this.end = block.outerEnd ?? (block.isDecided ? "a condition above is always true" : null);
    this.branch = { parent: block.outer };
  }

  #close(kind: Block["kind"], spot: Spot, problem: string): void {
    const index = this.#blocks.findLastIndex((block) => block.kind === kind);
    const block = this.#blocks[index];
    if (!block) {
      this.#complain(spot, problem);
      return;
    }
    const inner = this.#blocks[index + 1];
    if (inner) {
      const text = `${names[inner.kind]} expected before ${names[kind]}: the ${inner.kind} of line ${inner.spot.line.line} is open`;
      this.#program.report("open-block", wholeLine(spot), text, null, "warning");
    }
    const endsHere = this.end !== block.outerEnd && block.allEnd && block.hadElse;
    this.end = block.outerEnd ?? (endsHere ? this.end : null);
    this.branch = block.outer;
    this.#blocks.splice(index, 1);
    if (kind === "if") this.#conditions--;
  }

  #decide(condition: Expression | null): void {
    const value = constantValue(condition);
    const block = this.#innermost("if");
    if (value === null || !block) return;
    if (value) block.isDecided = true;
    else this.end ??= "the condition is always false";
  }

  /** Index of the case that is open in the innermost switch; -1 if there is none. */
  get #openCase(): number {
    const index = this.#blocks.findLastIndex(({ kind }) => kind !== "if");
    return this.#blocks[index]?.kind === "case" ? index : -1;
  }

  #innermost(kind: Block["kind"]): Block | undefined {
    return this.#blocks.findLast((block) => block.kind === kind);
  }

  #complain(spot: Spot, text: string, hint: string | null = null): void {
    this.#program.report("open-block", wholeLine(spot), text, hint);
  }
}

const nestInSub = "Put the inner one into a sub section.";

/** Comparisons of texts that stand in the line as they are. */
function constantValue(condition: Expression | null): boolean | null {
  if (condition?.kind !== "compare" || condition.relation !== "=" || condition.numeric) return null;
  const { left, right } = condition;
  if (left.kind !== "text" || right.kind !== "text") return null;
  if (`${left.value}${right.value}`.includes("%")) return null; // a constant, or the value of a loop
  return equalIgnoringCase(left.value, right.value);
}
