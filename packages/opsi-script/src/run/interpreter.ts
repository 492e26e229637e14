import { FatalProblem, SyntaxProblem } from "../language/problems.ts";
import { ScriptText } from "../language/script-text.ts";
import type { SourceLine } from "../language/source.ts";
import { level, type ScriptLog } from "../log/log.ts";
import type { Platform } from "../platform/platform.ts";
import type { Service } from "../service/service.ts";
import type { ServiceConnections } from "../service/service-connections.ts";
import { lowerAscii, trim } from "../text/bytes.ts";
import type { Constants } from "./constants.ts";
import {
  type Context,
  initialState,
  type ProductData,
  type RunSettings,
  type RunState,
  type SectionPurpose,
} from "./context.ts";
import { type DefinedFunction, Evaluator } from "./evaluator.ts";
import { callSection } from "./section-calls.ts";
import { type Frame, type Variable, Variables } from "./variables.ts";

export interface InterpreterOptions {
  readonly log: ScriptLog;
  readonly platform: Platform;
  readonly constants: Constants;
  readonly settings: RunSettings;
  readonly services: ServiceConnections;
  readonly product: ProductData | null;
  readonly defaultLogLevel: number;
  readonly debugLibrary: boolean;
  /** Each statement is told in the log with the values in it. */
  readonly trace?: boolean;
  /** Writes actionProgress at once; only in service mode. */
  readonly setProgress?: (text: string) => void;
}

/** A section while it is executed. */
export interface Running {
  readonly name: string;
  /** A copy of its own: includes are inserted here. */
  readonly lines: SourceLine[];
  /** Index of the line in work. */
  position: number;
  /** Text in which this section's sections are looked up too: an external file, a function. */
  readonly text: ScriptText | null;
  readonly caller: Running | null;
}

export interface ScriptFunction extends DefinedFunction {
  readonly key: string;
  readonly text: ScriptText;
  /** The function in whose body the definition stands. */
  readonly outer: ScriptFunction | null;
}

interface FunctionCall {
  readonly defined: ScriptFunction;
  readonly frame: Frame;
}

/** Name and value of the loop whose body is executed: replaced in the section that it calls (language §3.3). */
export interface LoopValue {
  readonly name: string;
  readonly value: string;
}

const deepestFunctions = 100;
/** Subs may call each other; beyond this the script runs in circles. */
const deepestSections = 400;

/** Thrown through expressions when a function body has ended the script. */
export class ScriptStopped extends Error {
  override readonly name = "ScriptStopped";
}

/** One run of one script: its variables, functions, sections, counters. */
export class Interpreter implements Context {
  readonly log: ScriptLog;
  readonly platform: Platform;
  readonly constants: Constants;
  readonly settings: RunSettings;
  readonly services: ServiceConnections;
  readonly product: ProductData | null;
  readonly variables = new Variables();
  readonly state: RunState = initialState();
  readonly options: InterpreterOptions;
  readonly evaluator: Evaluator;
  /** Executes the lines of a section; set by the runner, which stands above this class. */
  readonly execute: (interpreter: Interpreter, running: Running) => void;
  script = new ScriptText([]);
  /** Running sections with what was inserted into them: sections of included files are found here. */
  readonly included: ScriptText[] = [];
  readonly functions = new Map<string, ScriptFunction>();
  running: Running | null = null;
  /** isSuccess and others: no further statement, but no failure. */
  stopped = false;
  debugLibrary: boolean;
  loop: LoopValue | null = null;
  sectionDepth = 0;
  readonly #calls: FunctionCall[] = [];

  constructor(options: InterpreterOptions, execute: (interpreter: Interpreter, running: Running) => void) {
    this.options = options;
    this.log = options.log;
    this.platform = options.platform;
    this.constants = options.constants;
    this.settings = options.settings;
    this.services = options.services;
    this.product = options.product;
    this.debugLibrary = options.debugLibrary;
    this.execute = execute;
    this.evaluator = new Evaluator(this, this);
  }

  get service(): Service | null {
    return this.services.current;
  }

  get goesOn(): boolean {
    return !this.stopped && !this.state.fatal;
  }

  get runningFunction(): ScriptFunction | null {
    return this.#calls.at(-1)?.defined ?? null;
  }

  error(text: string): void {
    this.state.errors++;
    this.log.write(level.error, text);
  }

  warning(text: string): void {
    this.state.warnings++;
    this.log.write(level.warning, text);
  }

  findFunction(key: string): ScriptFunction | undefined {
    return this.functions.get(key);
  }

  callFunction(defined: DefinedFunction, bound: ReadonlyMap<string, Variable>): Variable | null {
    const called = this.functions.get(lowerAscii(defined.name));
    if (!called) throw new SyntaxProblem(`Function ${defined.name} is not defined`);
    if (this.#calls.length >= deepestFunctions)
      throw new SyntaxProblem(`Functions are nested deeper than ${deepestFunctions}`);
    const locals = new Map(bound);
    const result = resultVariable(called);
    if (result) locals.set("$result$", result);
    const enclosing = this.#calls.findLast((call) => call.defined === called.outer)?.frame ?? null;
    const frame: Frame = { locals, enclosing };
    const previous = this.variables.frame;
    const loop = this.loop;
    this.loop = null;
    this.variables.frame = frame;
    this.#calls.push({ defined: called, frame });
    this.log.depth++;
    try {
      const lines = called.text.lines.slice();
      this.run({ name: called.name, lines, position: 0, text: called.text, caller: this.running });
    } finally {
      this.log.depth--;
      this.#calls.pop();
      this.variables.frame = previous;
      this.loop = loop;
    }
    if (!this.goesOn) throw new ScriptStopped();
    return result;
  }

  /** Executes lines as a section below the running one. */
  run(running: Running): void {
    if (this.sectionDepth >= deepestSections)
      throw new FatalProblem(`Sections are nested deeper than ${deepestSections}`);
    const previous = this.running;
    this.running = running;
    this.sectionDepth++;
    try {
      this.execute(this, running);
    } finally {
      this.sectionDepth--;
      this.running = previous;
    }
  }

  /** Order of the search: language §2.3. */
  findSection(name: string): SourceLine[] | null {
    const inFunction = this.runningFunction?.text.section(name);
    if (inFunction) return inFunction;
    const inScript = this.script.section(name);
    if (inScript) return inScript;
    for (let index = this.included.length - 1; index >= 0; index--) {
      const found = this.included[index]?.section(name);
      if (found) return found;
    }
    for (let running = this.running; running; running = running.caller) {
      const found = running.text?.section(name);
      if (found) return found;
    }
    return null;
  }

  callSection(call: string, purpose: SectionPurpose): string[] {
    return callSection(this, call, purpose);
  }

  /** Two lines in the log, one in the counter; the end of the script unless it said otherwise (language §2.6). */
  syntaxError(message: string, line: SourceLine, fatal = this.state.fatalOnSyntaxError): void {
    this.state.errors++;
    const place = `${this.running?.name ?? ""} (Command in line ${line.line} of ${line.file})`;
    this.log.write(level.critical, `Syntax Error in Section: ${place}: ${message}`);
    this.log.write(level.critical, `     -> ${trim(line.text)}`);
    if (!fatal) return;
    this.state.fatal = true;
    this.state.progress = "Syntax Error";
  }

  fail(text: string): void {
    this.log.write(level.critical, text);
    this.state.fatal = true;
  }
}

function resultVariable(defined: ScriptFunction): Variable | null {
  switch (defined.returns) {
    case "string":
      return { kind: "string", name: "$result$", value: "" };
    case "stringlist":
      return { kind: "list", name: "$result$", value: [] };
    case "void":
      return null;
    default:
      return defined.returns satisfies never;
  }
}
