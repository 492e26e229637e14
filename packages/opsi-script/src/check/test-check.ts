import { parseSource } from "../language/source.ts";
import { checkScript } from "./check-script.ts";
import type { Diagnostic } from "./diagnostic.ts";

/** Checks a script that lies in /script beside other files; for tests. */
export function checkText(text: string | Buffer, files: Readonly<Record<string, string>> = {}) {
  const source = parseSource(Buffer.from(text), "/script/setup.opsiscript");
  const read = (path: string) => {
    const content = files[path.replace("/script/", "")];
    return content === undefined ? null : parseSource(Buffer.from(content), path);
  };
  return checkScript("/script/setup.opsiscript", source, { read, libraries: [] });
}

/** `line:column-end severity code`, of included files with their name in front. */
export const brief = ({ file, line, column, endColumn, severity, code }: Diagnostic): string =>
  `${file === "/script/setup.opsiscript" ? "" : `${file.replace("/script/", "")} `}${line}:${column}-${endColumn} ${severity} ${code}`;
