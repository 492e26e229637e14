import type { Diagnostic, Severity } from "./diagnostic.ts";

const colors: Readonly<Record<Severity, string>> = {
  error: "\x1b[1;31m",
  warning: "\x1b[1;33m",
  information: "\x1b[1;36m",
};
const plain = "\x1b[0m";
const bold = "\x1b[1m";
const faint = "\x1b[2m";
/** Of long lines only the part around the place is shown. */
const widest = 140;

/** A diagnostic for people: place, message, the line with the part in question underlined, and a hint. */
export function excerptOf(diagnostic: Diagnostic, color: boolean): string {
  const { file, line, column, endColumn, severity, code, message, hint, text } = diagnostic;
  const paint = (paint: string, text: string) => (color ? `${paint}${text}${plain}` : text);
  const number = String(line).padStart(5);
  const from = column > widest - 40 ? column - 40 : 0;
  const shown = visible(text.slice(from, from + widest));
  const length = Math.max(1, Math.min(endColumn, from + widest) - column);
  const marks = `${" ".repeat(column - 1 - from)}${"^".repeat(length)}`;
  const lines = [
    `${paint(bold, `${visible(file)}:${line}:${column}:`)} ${paint(colors[severity], `${severity}:`)} ${visible(message)} ${paint(faint, `[${code}]`)}`,
    `${paint(faint, `${number} |`)} ${shown}`,
    `${paint(faint, "      |")} ${paint(colors[severity], marks)}`,
  ];
  if (hint !== null) lines.push(`${paint(faint, "      =")} ${visible(hint)}`);
  return `${lines.join("\n")}\n`;
}

/** A script must not move the cursor of who looks at it; each character stays one. */
const visible = (text: string) => text.replace(/\t/g, " ").replace(/[\x00-\x1f\x7f-\x9f]/g, "\u00b7");

/** `2 errors, 1 warning in 3 files` */
export function summaryOf(diagnostics: readonly Diagnostic[], files: number): string {
  const count = (severity: Severity) => diagnostics.filter((one) => one.severity === severity).length;
  const some = (number: number, word: string) => `${number} ${word}${number === 1 ? "" : "s"}`;
  return `${some(count("error"), "error")}, ${some(count("warning"), "warning")} in ${some(files, "file")}`;
}
