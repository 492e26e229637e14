import { call, decode, proto, type TypeObject } from "koffi";
import { SyntaxProblem } from "../language/problems.ts";
import { parseShortcut } from "./link-shortcut.ts";
import type { Link } from "./links.ts";
import { WindowsProblem, wide, windowsFunction } from "./windows-library.ts";

/** The address of an object of COM, which begins with the address of its table of methods. */
type Pointer = bigint;

const initialize = windowsFunction<(reserved: null, threading: number) => number>(
  "ole32",
  "int CoInitializeEx(void *reserved, uint32 threading)",
);
const createInstance = windowsFunction<
  (kind: Buffer, outer: null, where: number, face: Buffer, result: [Pointer]) => number
>("ole32", "int CoCreateInstance(void *kind, void *outer, uint32 where, void *face, _Out_ void **result)");

/** An id of COM itself: these differ in their first 32 bits only, e.g. 00021401-0000-0000-C000-000000000046. */
function comId(first: number): Buffer {
  const id = Buffer.from("0000000000000000c000000000000046", "hex");
  id.writeUInt32LE(first);
  return id;
}
const shellLinkClass = comId(0x00021401);
const shellLinkFace = comId(0x000214f9);
const persistFileFace = comId(0x0000010b);

const takesText = proto("int __stdcall TakesText(void *self, void *text)");
const takesNumber = proto("int __stdcall TakesNumber(void *self, int number)");
const takesTextAndNumber = proto("int __stdcall TakesTextAndNumber(void *self, void *text, int number)");
const queries = proto("int __stdcall Queries(void *self, void *face, _Out_ void **result)");
const releases = proto("uint32 __stdcall Releases(void *self)");

/** Positions in the tables of IUnknown, IShellLinkW and IPersistFile. */
const methods = {
  queryInterface: [0, queries],
  release: [2, releases],
  setWorkingDirectory: [9, takesText],
  setArguments: [11, takesText],
  setHotkey: [13, takesNumber],
  setShowCommand: [15, takesNumber],
  setIconLocation: [17, takesTextAndNumber],
  setPath: [20, takesText],
  save: [6, takesTextAndNumber],
} as const satisfies Record<string, readonly [number, TypeObject]>;

function invoke(self: Pointer, name: keyof typeof methods, ...values: unknown[]): void {
  const [index, type] = methods[name];
  const table: unknown = decode(self, "void *");
  const method: unknown = decode(table, index * 8, "void *");
  const result = call(method, type, self, ...values) as number;
  if (name !== "release" && result < 0) throw new WindowsProblem(name, result >>> 0);
}

const windowStates: ReadonlyMap<string, number> = new Map([
  ["normal", 1],
  ["max", 3],
  ["min", 7],
]);

/**
 * Writes a `.lnk` file; an existing one is replaced. The shell does it, because it also keeps what it finds out about
 * the target, by which it finds it again when it was moved.
 *
 * @throws WindowsProblem when the system refuses; SyntaxProblem for a window state or keys that there are not
 */
export function saveShellLink(file: string, link: Link): void {
  const state = windowStates.get(link.windowState.toLowerCase() || "normal");
  if (state === undefined) throw new SyntaxProblem(`Unknown window state: ${link.windowState}`);
  const hotkey = parseShortcut(link.shortcut);
  initialize(null, 2); // says so when it was done before
  const created: [Pointer] = [0n];
  const code = createInstance(shellLinkClass, null, 1, shellLinkFace, created);
  if (code < 0) throw new WindowsProblem("CoCreateInstance", code >>> 0);
  const [shellLink] = created;
  try {
    invoke(shellLink, "setPath", wide(link.target));
    invoke(shellLink, "setArguments", wide(link.parameters));
    if (link.workingFolder !== "") invoke(shellLink, "setWorkingDirectory", wide(link.workingFolder));
    invoke(shellLink, "setIconLocation", wide(link.iconFile || link.target), link.iconIndex);
    invoke(shellLink, "setShowCommand", state);
    if (hotkey !== 0) invoke(shellLink, "setHotkey", hotkey);
    const asFile: [Pointer] = [0n];
    invoke(shellLink, "queryInterface", persistFileFace, asFile);
    try {
      invoke(asFile[0], "save", wide(file), 1);
    } finally {
      invoke(asFile[0], "release");
    }
  } finally {
    invoke(shellLink, "release");
  }
}
