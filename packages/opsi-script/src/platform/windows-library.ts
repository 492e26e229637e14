import { load } from "koffi";
import { toBytes, toText } from "../text/bytes.ts";

/** A Windows handle; `0` is none. Handles are small, also on 64 bit systems. */
export type Handle = number;

const libraries = new Map<string, ReturnType<typeof load>>();

/**
 * A function of a library of Windows by its prototype; the type says how TypeScript sees it. Found at its first call:
 * most scripts need few of them, and old systems lack some.
 *
 * @example const close = windowsFunction<(key: Handle) => number>("advapi32", "int RegCloseKey(intptr_t key)")
 */
export function windowsFunction<F extends (...values: never[]) => unknown>(library: string, prototype: string): F {
  let found: F | undefined;
  const call = (...values: Parameters<F>) => {
    if (!found) {
      const loaded = libraries.get(library) ?? load(`${library}.dll`);
      libraries.set(library, loaded);
      found = loaded.func(prototype) as unknown as F; // the prototype is the declaration of this type
    }
    return found(...values);
  };
  return call as F;
}

/** A text (byte string) as Windows wants it: UTF-16 with a zero at its end. */
export const wide = (bytes: string): Buffer => Buffer.from(`${toText(bytes)}\0`, "utf16le");

/** The text (byte string) at the start of a buffer, up to its zero. */
export function fromWide(buffer: Buffer): string {
  const text = buffer.toString("utf16le");
  const end = text.indexOf("\0");
  return toBytes(end < 0 ? text : text.slice(0, end));
}

/** What failed (byte string), with Windows' number of the reason: `net helpmsg NUMBER` explains it. */
export class WindowsProblem extends Error {
  override readonly name = "WindowsProblem";
  readonly code: number;

  constructor(what: string, code: number) {
    super(`${toText(what)}: Windows error ${code}`); // messages are Unicode texts, as those of Node.js
    this.code = code;
  }
}

export const lastError = windowsFunction<() => number>("kernel32", "uint32 GetLastError()");
export const closeHandle = windowsFunction<(handle: Handle) => number>("kernel32", "int CloseHandle(intptr_t handle)");
