import { appendFile, chmod, mkdir, open, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { OpsiError, pythonTypeName, rule } from "@opsi-ts/model";
import { wholeNumber } from "./arguments.ts";
import { type Call, type Method, parameters } from "./declare.ts";

/** Whether a log of the type belongs to an object. */
const logTypes: Readonly<Record<string, { readonly needsObject: boolean }>> = {
  bootimage: { needsObject: true },
  clientconnect: { needsObject: true },
  instlog: { needsObject: true },
  opsiconfd: { needsObject: false },
  userlogin: { needsObject: true },
  winpe: { needsObject: true },
};

/** Bytes that one call may write. */
const largestWrite = 10_000_000;
const bytesPerMegabyte = 1_000_000;

/** @throws BackendBadValueError */
function checkType(logType: unknown): string {
  if (typeof logType === "string" && Object.hasOwn(logTypes, logType)) return logType;
  throw new OpsiError("BackendBadValueError", `Unknown log type '${logType}'`, { field: "logType" });
}

/** Longer ids are those of no object, and no names of files. */
const longestId = 200;

/** @throws ValueError, BackendBadValueError */
function logFile({ site }: Call, logType: string, objectId: unknown): string {
  const name = objectId ? rule.objectId.coerce(objectId) : logType;
  if (name.length > longestId) {
    const text = `Value of 'objectId' is too long: ${name.length} characters, at most ${longestId} are possible`;
    throw new OpsiError("BackendBadValueError", text, { field: "objectId" });
  }
  return join(site.folders.logs, logType, `${name}.log`);
}

/** The first `limit` characters or bytes, cut after the last line end in them. */
function cutAtLine<T extends string | Buffer>(text: T, limit: number): T {
  if (text.length <= limit) return text;
  const cut = text.slice(0, limit) as T;
  const lineEnd = cut.lastIndexOf("\n");
  return lineEnd > 0 ? (cut.slice(0, lineEnd + 1) as T) : cut;
}

/** Writes into one file are made one after the other. */
const writing = new Map<string, Promise<void>>();

async function inTurn(path: string, work: () => Promise<void>): Promise<void> {
  const turn = (writing.get(path) ?? Promise.resolve()).then(work, work);
  writing.set(path, turn);
  try {
    await turn;
  } finally {
    if (writing.get(path) === turn) writing.delete(path);
  }
}

/**
 * Where a rule says `self`, a host's own logs are meant; the original lets every client read and write all logs.
 *
 * @throws OpsiServicePermissionError
 */
function checkOwn({ access, session }: Call, method: string, objectId: unknown): void {
  if (access.check(method, session).some(({ type }) => type !== "self")) return;
  if (objectId && rule.objectId.coerce(objectId) === session.hostId) return;
  const whose = objectId ? `the logs of <${objectId}>` : "the logs of the service";
  throw new OpsiError("OpsiServicePermissionError", `No permission for ${whose}`, { field: "objectId" });
}

/** Stores a log. (methods 7) */
async function writeLog(
  call: Call,
  logType: unknown,
  data: unknown,
  objectId: unknown,
  append: unknown,
): Promise<null> {
  const type = checkType(logType);
  if (!objectId) throw new OpsiError("BackendBadValueError", `Writing ${type} log requires an objectId`);
  checkOwn(call, "log_write", objectId);
  const path = logFile(call, type, objectId);
  if (typeof data !== "string")
    throw new OpsiError("TypeError", `Log data must be a text, not ${pythonTypeName(data)}`);
  const bytes = cutAtLine(Buffer.from(data.toWellFormed()), largestWrite);
  const { maxLogSize, keepRotatedLogs: keep } = call.site;
  await inTurn(path, async () => {
    await mkdir(dirname(path), { recursive: true, mode: 0o2770 });
    const size = await stat(path).then(
      (found) => found.size,
      () => null,
    );
    const full = size !== null && size + bytes.length > maxLogSize * bytesPerMegabyte;
    if (size !== null && (!rule.bool.coerce(append) || full)) await rotate(path, keep);
    await removeSurplus(path, keep);
    if (rule.bool.coerce(append)) await appendFile(path, bytes, { mode: 0o644 });
    else await replace(path, bytes);
  });
  return null;
}

/** A killed server leaves the old log or the new one. */
async function replace(path: string, bytes: Buffer): Promise<void> {
  const temporary = `${path}.new`;
  await writeFile(temporary, bytes, { mode: 0o644 });
  await rename(temporary, path);
}

async function rotate(path: string, keep: number): Promise<void> {
  if (keep <= 0) return rm(path, { force: true });
  for (let number = keep; number > 0; number--) {
    const source = number === 1 ? path : `${path}.${number - 1}`;
    const moved = await rename(source, `${path}.${number}`).then(
      () => true,
      () => false,
    );
    if (moved) await chmod(`${path}.${number}`, 0o644);
  }
}

/** Removes older logs that are no longer to be kept. */
async function removeSurplus(path: string, keep: number): Promise<void> {
  const folder = dirname(path);
  const prefix = `${path.slice(folder.length + 1)}.`;
  for (const name of await readdir(folder)) {
    if (!name.startsWith(prefix)) continue;
    const suffix = name.slice(prefix.length);
    if (!/^\d+$/.test(suffix) || Number(suffix) > keep) await rm(join(folder, name), { force: true, recursive: true });
  }
}

/** Reads a log; one that does not exist is empty. (methods 7) */
async function readLog(call: Call, logType: unknown, objectId: unknown, maxSize: unknown): Promise<string> {
  const type = checkType(logType);
  if (!objectId && logTypes[type]?.needsObject) {
    throw new OpsiError("BackendBadValueError", `Log type '${type}' requires objectId`, { field: "objectId" });
  }
  checkOwn(call, "log_read", objectId);
  const limit = wholeNumber(maxSize);
  const text = await readText(logFile(call, type, objectId), limit);
  return limit > 0 ? cutAtLine(text, limit) : text;
}

/** A character has at most four bytes: no more is read than can be shown. */
async function readText(path: string, limit: number): Promise<string> {
  let file: Awaited<ReturnType<typeof open>>;
  try {
    file = await open(path, "r");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw error;
  }
  try {
    const { size } = await file.stat();
    const { buffer, bytesRead } = await file.read(Buffer.alloc(limit > 0 ? Math.min(size, limit * 4) : size), 0);
    return buffer.subarray(0, bytesRead).toString("utf8").replaceAll(/\r\n?/g, "\n");
  } finally {
    await file.close();
  }
}

export const logMethods: readonly Method[] = [
  {
    name: "log_write",
    doc: "Stores a log of an object; what was there before is rotated away unless it is appended to.",
    parameters: parameters("logType data objectId=None append=False"),
    access: "name",
    run: writeLog,
  },
  {
    name: "log_read",
    doc: "The log of an object, at most maxSize characters of it.",
    parameters: parameters("logType objectId=None maxSize=0"),
    result: "str",
    access: "name",
    run: readLog,
  },
  {
    name: "writeLog",
    doc: "Appends to the log of an object.",
    parameters: parameters("type data objectId=None append=True"),
    access: "objects",
    deprecated: true,
    alternative: "log_write",
    run: (call, ...values) => {
      call.access.check("log_write", call.session);
      const [type, data, objectId, append] = values;
      return writeLog(call, type, data, objectId, append);
    },
  },
  {
    name: "readLog",
    doc: "The log of an object, at most maxSize characters of it.",
    parameters: parameters("type objectId=None maxSize=0"),
    result: "str",
    access: "objects",
    deprecated: true,
    alternative: "log_read",
    run: (call, ...values) => {
      call.access.check("log_read", call.session);
      const [type, objectId, maxSize] = values;
      return readLog(call, type, objectId, maxSize);
    },
  },
];
