import { closeSync, fstatSync, mkdirSync, openSync, readSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { levels as level } from "@opsi-ts/logging/levels"; // the face would load pino: 25 ms at each start
import { timestamp } from "@opsi-ts/model";
import { reasonOf } from "../language/problems.ts";

export { level };

const placeholder = "***(confidential)***";
const flushBytes = 64 * 1024;
const flushMilliseconds = 300;

export interface LogOptions {
  /** `null`: lines go nowhere but to `onLine`. */
  readonly path: string | null;
  readonly append: boolean;
  readonly level: number;
  readonly leastLevel: number;
  /** Receives each written line without level, time and product. */
  readonly onLine?: (level: number, text: string) => void;
}

/**
 * The log of one run of the interpreter: `[LEVEL] [TIME] [PRODUCT] text` (interpreter §5). Lines are collected and
 * written in blocks; a crash loses at most the last 0.3 seconds. Confidential values never reach the file below level 9.
 */
export class ScriptLog {
  level: number;
  leastLevel: number;
  /** Id of the product in work, empty otherwise. */
  product = "";
  /** The line in work: what goes wrong names it. */
  place: { readonly file: string; readonly line: number } | null = null;
  /** Nesting of sections and conditions. */
  depth = 0;
  /** Lines of level 2 and 3, the counter behind `markErrorNumber`. */
  errors = 0;
  warnings = 0;
  /** Lines of libraries are held back, those of levels 2 to 4 excepted. */
  quiet = false;
  readonly #onLine: ((level: number, text: string) => void) | undefined;
  readonly #file: number | null;
  /** Size of the file when this run began: what follows is the part that is sent to the service. */
  readonly #start: number;
  #pending: string[] = [];
  #pendingBytes = 0;
  #lastFlush = Date.now();
  #secrets: string[] = [];
  #second = 0;
  #secondText = "";

  constructor(options: LogOptions) {
    this.level = options.level;
    this.leastLevel = options.leastLevel;
    this.#onLine = options.onLine;
    if (options.path === null) {
      this.#file = null;
      this.#start = 0;
      return;
    }
    mkdirSync(dirname(options.path), { recursive: true });
    this.#file = openSync(options.path, options.append ? "a+" : "w+", 0o600);
    this.#start = fstatSync(this.#file).size;
  }

  /** Whether a line of this level would be written; spares the caller the building of its text. */
  isOn(lineLevel: number): boolean {
    if (lineLevel > Math.max(this.level, this.leastLevel)) return false;
    return !this.quiet || this.#isTrouble(lineLevel);
  }

  /** Registers a value that must not be readable in the log, also not in a JSON text. Empty values hide nothing. */
  addConfidential(value: string): void {
    if (value === "" || this.#secrets.includes(value)) return;
    this.#secrets.push(value);
    const inJson = JSON.stringify(value).slice(1, -1);
    if (inJson !== value) this.#secrets.push(inJson);
    this.#secrets.sort((left, right) => right.length - left.length);
  }

  isConfidential(value: string): boolean {
    return this.#secrets.some((secret) => secret === value);
  }

  containsConfidential(value: string): boolean {
    return this.#secrets.some((secret) => value.includes(secret));
  }

  /** Hides the confidential values in a text. */
  conceal(text: string): string {
    let concealed = text;
    for (const secret of this.#secrets) {
      if (concealed.includes(secret)) concealed = concealed.replaceAll(secret, placeholder);
    }
    return concealed;
  }

  write(lineLevel: number, text: string): void {
    if (lineLevel === level.critical || lineLevel === level.error) this.errors++;
    else if (lineLevel === level.warning) this.warnings++;
    if (!this.isOn(lineLevel)) return;
    const placed = this.#isTrouble(lineLevel) ? this.#withPlace(text) : text;
    let line = this.#secrets.length > 0 && this.level < level.secret ? this.conceal(placed) : placed;
    if (line.includes("-->")) line = line.replaceAll("-->", "==>");
    this.#append(lineLevel, line);
  }

  #isTrouble(lineLevel: number): boolean {
    return lineLevel >= level.critical && lineLevel <= level.warning;
  }

  /** Errors and warnings say where in the script they happened, unless their text does. */
  #withPlace(text: string): string {
    if (this.place === null || text.startsWith("Syntax Error") || text.startsWith("     -> ")) return text;
    return `${text} (line ${this.place.line} of ${this.place.file})`;
  }

  /** A line of another log file, for `includelog`. */
  writeIncluded(text: string): void {
    if (this.isOn(level.debug)) this.#append(level.debug, `==>: ${this.conceal(text)}`);
  }

  #append(lineLevel: number, text: string): void {
    const line = /[\r\n\x00\x1b]/.test(text) ? escapeControls(text) : text;
    this.#onLine?.(lineLevel, line);
    if (this.#file === null) return;
    const indent = this.depth > 0 ? "  ".repeat(this.depth) : "";
    const now = Date.now();
    this.#add(lineLevel, now, indent + line);
    if (this.#pendingBytes > flushBytes || now - this.#lastFlush > flushMilliseconds) this.flush(now);
  }

  #add(lineLevel: number, now: number, text: string): void {
    const entry = `[${lineLevel}] [${this.#time(now)}] [${this.product}] ${text}\n`;
    this.#pending.push(entry);
    this.#pendingBytes += entry.length;
  }

  #time(now: number): string {
    const second = Math.floor(now / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#secondText = timestamp(new Date(now));
    }
    return `${this.#secondText}.${String(now % 1000).padStart(3, "0")}`;
  }

  /**
   * Writes what was collected; called before other programs run, so that the log shows what they were started for. A
   * full disk must not end a script in the middle: the lines are lost, and the log says so as soon as it can.
   */
  flush(now = Date.now()): void {
    this.#lastFlush = now;
    if (this.#file === null || this.#pending.length === 0) return;
    const data = Buffer.from(this.#pending.join(""), "latin1");
    this.#pending = [];
    this.#pendingBytes = 0;
    try {
      for (let offset = 0; offset < data.length; ) offset += writeSync(this.#file, data, offset);
    } catch (error) {
      this.#add(level.error, now, `Lines of the log could not be written: ${reasonOf(error)}`);
    }
  }

  /**
   * What this run has written so far, at most the last `limit` bytes, as Unicode text: the part for the service
   * (interpreter §5.3).
   */
  readPart(limit: number): string {
    this.flush();
    if (this.#file === null) return "";
    const { size } = fstatSync(this.#file);
    const start = Math.max(this.#start, size - limit);
    const data = Buffer.alloc(size - start);
    readSync(this.#file, data, 0, data.length, start);
    const text = data.toString("utf8");
    return start === this.#start ? text : text.slice(text.indexOf("\n") + 1);
  }

  close(): void {
    this.flush();
    if (this.#file !== null) closeSync(this.#file);
  }
}

const controls: Readonly<Record<string, string>> = { "\r": "\\r", "\n": "\\n", "\x00": "\\0", "\x1b": "\\e" };
const escapeControls = (text: string) => text.replace(/[\r\n\x00\x1b]/g, (control) => controls[control] ?? control);

export const boolText = (value: boolean): string => (value ? "True" : "False");
