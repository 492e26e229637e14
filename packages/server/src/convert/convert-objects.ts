import { rmSync } from "node:fs";
import { type HardwareTypes, OpsiError, type OpsiObject } from "@opsi-ts/model";
import type { ProgramReport } from "@opsi-ts/protocol";
import { type Conversion, conversionFile, unfinishedConversion } from "../backends/conversion.ts";
import type { Snapshot, Storage } from "../backends/storage.ts";
import { countOf, isHardware, objectTypeNames, portionsOf, restore } from "../backup/object-types.ts";
import { writeFileAtomically } from "../configuration/atomic-file.ts";
import { type Contents, Digest, isSame } from "./digest.ts";
import { Fitting, type Loss } from "./fitting.ts";
import type { Location } from "./location.ts";

/** More losses than anybody reads are counted only. */
const listedLosses = 10_000;

export interface ConversionRequest {
  readonly from: Location;
  readonly to: Location;
  /** Where the state of the conversion is kept, and which classes of hardware there are. */
  readonly site: { readonly state: string; readonly hardware: HardwareTypes };
  /** What is in the target may go. */
  readonly replace: boolean;
  /** What an interrupted conversion to this target has written is thrown away. */
  readonly anew: boolean;
  /** What the target cannot keep may be lost. */
  readonly acceptLosses: boolean;
  /** Only look what would be lost. */
  readonly dryRun: boolean;
  /** What the source has told that it cannot understand. */
  readonly problems: readonly string[];
  report(report: ProgramReport): void;
  readonly signal: AbortSignal;
}

/** What is in both storages of one class of objects. */
export interface Comparison {
  readonly type: string;
  readonly objects: number;
  readonly converted: number;
  readonly sourceHash: string;
  readonly targetHash: string;
  readonly same: boolean;
}

export interface ConversionResult {
  readonly losses: readonly Loss[];
  /** Those that are not listed. */
  readonly furtherLosses: number;
  /** Empty when nothing was converted. */
  readonly comparison: readonly Comparison[];
  /** Where what was in the target before is now; null for nowhere. */
  readonly former: string | null;
}

/**
 * Copies all objects from one storage to another one, reads them again and compares. The source is not changed. After an
 * interruption the same call goes on; what is not complete is not in the place of the target, or cannot be opened. Whoever
 * has done what follows a conversion calls `endConversion`: until then this function returns
 * the same again, unless the source has changed.
 *
 * @returns with losses and without comparison: the target cannot keep them, nothing was written
 * @throws BackendUnaccomplishableError where somebody uses a storage, the target holds other objects, or another
 *   conversion is not finished; the errors of both storages
 */
export async function convertObjects(request: ConversionRequest): Promise<ConversionResult> {
  const { from, to, site, signal } = request;
  await refuseUse(request);
  let conversion = unfinishedConversion(site);
  if (request.anew && conversion?.to === to.name && !request.dryRun) {
    await to.clearTarget();
    endConversion(site);
    conversion = null;
  }
  if (conversion !== null && (conversion.from !== from.name || conversion.to !== to.name)) {
    const { from: otherFrom, to: otherTo } = conversion;
    throw impossible(
      `The conversion from ${otherFrom} to ${otherTo} is not finished: repeat its command, or remove ${conversionFile(site)}`,
    );
  }
  if (conversion?.verified === true && !request.dryRun) {
    if (await isUnchanged(request, conversion)) {
      // Only the last step was missing.
      const former = await to.settle();
      const comparison = Object.entries(conversion.written).map(asCompared);
      return { losses: [], furtherLosses: 0, comparison, former };
    }
    endConversion(site);
    conversion = null;
  }
  if (conversion === null && !request.replace && (await to.holdsObjects())) {
    throw impossible(`${to.name} holds objects already: --replace converts in their place`);
  }
  await using opened = new AsyncDisposableStack();
  const source = await from.openSource(opened);
  await using snapshot = source.snapshot();
  const total = await totalOf(source);
  const { losses, furtherLosses } = await look(request, snapshot, total);
  if (request.dryRun || (losses.length > 0 && !request.acceptLosses)) {
    return { losses, furtherLosses, comparison: [], former: null };
  }
  if (conversion === null) {
    await to.clearTarget();
    conversion = save(site, { from: from.name, to: to.name, written: {}, verified: false });
  }
  const wanted = await write(request, conversion, snapshot, total);
  const comparison = await compare(request, wanted, total);
  if (comparison.some(({ same }) => !same)) return { losses, furtherLosses, comparison, former: null };
  signal.throwIfAborted();
  save(site, { from: from.name, to: to.name, written: Object.fromEntries(wanted), verified: true });
  return { losses, furtherLosses, comparison, former: await to.settle() };
}

const impossible = (message: string) => new OpsiError("BackendUnaccomplishableError", message);

async function refuseUse({ from, to }: ConversionRequest): Promise<void> {
  if (from.name === to.name) throw new OpsiError("ValueError", `Both are ${from.name}`);
  for (const { name, usedBy } of [from, to]) {
    const user = await usedBy();
    if (user !== null) throw impossible(`${name} is in use by ${user}: stop the service and whoever else uses it`);
  }
}

function save(site: { readonly state: string }, conversion: Conversion): Conversion {
  writeFileAtomically(conversionFile(site), `${JSON.stringify(conversion)}\n`);
  return conversion;
}

/** What was converted is in use, or may be: the next call begins a new conversion. */
export function endConversion(site: { readonly state: string }): void {
  rmSync(conversionFile(site), { force: true });
}

async function totalOf(storage: Storage): Promise<number> {
  let total = 0;
  for (const name of objectTypeNames) total += await countOf(storage, name);
  return total;
}

/** Whether the source still says what was converted of it: the service may have run since. */
async function isUnchanged({ from, to, site, signal }: ConversionRequest, { written }: Conversion): Promise<boolean> {
  await using opened = new AsyncDisposableStack();
  const source = await from.openSource(opened);
  await using snapshot = source.snapshot();
  const fitting = new Fitting(to.capacity, site.hardware, () => {});
  for (const name of objectTypeNames) {
    const digest = new Digest();
    for await (const portion of portionsOf(snapshot, name)) {
      signal.throwIfAborted();
      for (const object of portion) {
        const fitted = fitting.fit(name, object);
        if (fitted !== null) digest.add(fitted);
      }
    }
    const before = written[name];
    if (before === undefined || !isSame(digest.contents, before)) return false;
  }
  return true;
}

/** Tells how much of the work is done. */
function progress({ report, signal }: ConversionRequest, label: string, total: number): (objects: number) => void {
  let done = 0;
  const tell = (objects: number) => {
    signal.throwIfAborted();
    done += objects;
    report({ kind: "progress", label, done, total });
  };
  tell(0);
  return tell;
}

/** What the target cannot keep. */
async function look(request: ConversionRequest, snapshot: Snapshot, total: number) {
  const losses: Loss[] = [];
  let furtherLosses = 0;
  const lose = (loss: Loss) => {
    if (losses.length < listedLosses) losses.push(loss);
    else furtherLosses++;
  };
  for (const problem of request.problems) lose({ type: "", ident: "", attribute: null, problem });
  const fitting = new Fitting(request.to.capacity, request.site.hardware, lose);
  const tell = progress(request, "Looking whether everything can be kept", total);
  for (const name of objectTypeNames) {
    for await (const portion of portionsOf(snapshot, name)) {
      for (const object of portion) fitting.fit(name, object);
      tell(portion.length);
    }
  }
  return { losses, furtherLosses };
}

/** @returns what has to be in the target, by class */
async function write(
  request: ConversionRequest,
  conversion: Conversion,
  snapshot: Snapshot,
  total: number,
): Promise<Map<string, Contents>> {
  const goOn = await writeRest(request, conversion, snapshot, total);
  if (goOn !== null) return goOn;
  request.report({ kind: "note", text: "What was converted before does not fit any more: from the beginning" });
  await request.to.clearTarget();
  const anew = await writeRest(request, { ...conversion, written: {} }, snapshot, total);
  if (anew === null) throw impossible(`${request.from.name} changes while it is converted`);
  return anew;
}

/** Null where what an earlier run has written is not what this one would have. */
async function writeRest(
  { from, to, ...request }: ConversionRequest,
  conversion: Conversion,
  snapshot: Snapshot,
  total: number,
): Promise<Map<string, Contents> | null> {
  await using target = await to.openTarget();
  if (!(await continues(target, conversion))) return null;
  const fitting = new Fitting(to.capacity, request.site.hardware, () => {});
  const tell = progress({ from, to, ...request }, "Converting", total);
  const written = new Map<string, Contents>();
  for (const name of objectTypeNames) {
    const before = conversion.written[name];
    const digest = new Digest();
    for await (const portion of portionsOf(snapshot, name)) {
      const fresh: OpsiObject[] = [];
      for (const object of portion) {
        const fitted = fitting.fit(name, object);
        if (fitted === null) continue;
        digest.add(fitted);
        if (digest.count > (before?.count ?? 0)) fresh.push(fitted);
        else if (digest.count === before?.count && !isSame(digest.contents, before)) return null;
      }
      if (fresh.length > 0) {
        await target.transaction((store) => restore(store, name, fresh));
        written.set(name, digest.contents);
        save(request.site, { ...conversion, written: { ...conversion.written, ...Object.fromEntries(written) } });
      }
      tell(portion.length);
    }
    if (before && digest.count < before.count) return null;
    written.set(name, digest.contents);
  }
  return written;
}

/**
 * Whether the target holds what was noted as written. It may hold the next portion, too: that is written once more.
 * Hardware has no idents, it would be there twice.
 */
async function continues(target: Storage, { written }: Conversion): Promise<boolean> {
  for (const name of objectTypeNames) {
    const there = await countOf(target, name);
    const noted = written[name]?.count ?? 0;
    if (there < noted || (there > noted && isHardware(name))) return false;
  }
  return true;
}

/** Reads everything again. */
async function compare(
  request: ConversionRequest,
  wanted: ReadonlyMap<string, Contents>,
  total: number,
): Promise<Comparison[]> {
  await using target = await request.to.openTarget();
  await using snapshot = target.snapshot();
  const tell = progress(request, "Reading everything again", total);
  const comparison: Comparison[] = [];
  for (const [name, source] of wanted) {
    const digest = new Digest();
    for await (const portion of portionsOf(snapshot, name)) {
      for (const object of portion) digest.add(object);
      tell(portion.length);
    }
    comparison.push(compared(name, source, digest.contents));
  }
  return comparison;
}

const compared = (type: string, source: Contents, target: Contents): Comparison => ({
  type,
  objects: source.count,
  converted: target.count,
  sourceHash: source.hash,
  targetHash: target.hash,
  same: isSame(source, target),
});

const asCompared = ([type, contents]: [string, Contents]) => compared(type, contents, contents);
