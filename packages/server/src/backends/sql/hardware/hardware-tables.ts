import { type HardwareTypeName, type HardwareTypes, OpsiError, type OpsiObject } from "@opsi-ts/model";
import type { WriteMode } from "../../storage.ts";
import type { Dialect } from "../dialect.ts";
import { blind, insert, keyed, rows, type Script, type Touch } from "../script.ts";
import { type HardwareLayout, hardwareLayouts } from "./hardware-layout.ts";
import {
  deleteDevice,
  deletePiece,
  deletePiecesOfHost,
  equalDevices,
  findDevice,
  findPiece,
  insertDevice,
  insertPiece,
  movePieces,
  updatePiece,
} from "./write-hardware.ts";

/** The tables of the configured hardware classes, and how they are written. (objects 6.14, storage 6.5) */
export class HardwareTables {
  readonly layouts: ReadonlyMap<string, HardwareLayout>;
  readonly #dialect: Dialect;

  constructor(types: HardwareTypes, dialect: Dialect) {
    this.layouts = hardwareLayouts(types);
    this.#dialect = dialect;
  }

  *write(name: HardwareTypeName, objects: readonly OpsiObject[], mode: WriteMode): Script {
    const devices = new Map<string, number>();
    for (const object of objects) {
      const layout = this.#of(object);
      if (name === "AuditHardwareOnHost") {
        if (mode === "restore") yield* this.#restorePiece(layout, object, devices);
        else yield* this.#writePiece(layout, object, mode);
      }
      // An update of a device would set the values by which it is found: there is nothing to do.
      else if (mode !== "update") yield this.#addDevice(layout, object);
    }
  }

  #addDevice(layout: HardwareLayout, object: OpsiObject) {
    const { name, primaryKey } = layout.device;
    return insert(insertDevice(layout, object, this.#dialect), [{ kind: "added", table: name, columns: primaryKey }]);
  }

  *#writePiece(layout: HardwareLayout, given: OpsiObject, mode: WriteMode): Script {
    const object = mode === "insert" ? withDefaults(layout, given) : given;
    const found = yield rows(findPiece(layout, object, this.#dialect));
    const [deviceId = null, pieceId = null] = found.rows[0] ?? [];
    if (pieceId !== null) {
      const update = updatePiece(layout, object, Number(pieceId), this.#dialect);
      if (update) yield blind(update, [piecesOf(layout, object["hostId"])]);
    } else if (mode !== "update") {
      const device = deviceId ?? (yield this.#addDevice(layout, object)).count;
      const statement = insertPiece(layout, object, Number(device), this.#dialect);
      yield blind(statement, [piecesOf(layout, object["hostId"])]);
    }
  }

  /** Two that were stored come back as two; so an equal one is not looked for, which takes long where there are many. */
  *#restorePiece(layout: HardwareLayout, object: OpsiObject, devices: Map<string, number>): Script {
    const key = JSON.stringify([layout.hardwareClass, ...layout.general.map(({ name }) => object[name] ?? null)]);
    let device = devices.get(key);
    if (device === undefined) {
      const found = yield rows(findDevice(layout, object, this.#dialect));
      device = Number(found.rows[0]?.[0] ?? (yield this.#addDevice(layout, object)).count);
      devices.set(key, device);
    }
    yield blind(insertPiece(layout, object, device, this.#dialect), [piecesOf(layout, object["hostId"])]);
  }

  *remove(name: HardwareTypeName, objects: readonly OpsiObject[]): Script {
    for (const object of objects) {
      const layout = this.#of(object);
      if (name === "AuditHardware") {
        const { name: table, primaryKey } = layout.device;
        const where = equalDevices(layout, object, this.#dialect);
        yield blind(deleteDevice(layout, object, this.#dialect), [
          { kind: "found", table, columns: primaryKey, where },
        ]);
      } else {
        yield blind(deletePiece(layout, object, this.#dialect), [piecesOf(layout, object["hostId"])]);
      }
    }
  }

  *removeOfHosts(hostIds: readonly string[]): Script {
    for (const hostId of hostIds) {
      for (const layout of this.layouts.values()) {
        yield blind(deletePiecesOfHost(layout, hostId, this.#dialect), [piecesOf(layout, hostId)]);
      }
    }
  }

  *moveToHost(hostId: string, newHostId: string): Script {
    for (const layout of this.layouts.values()) {
      const touches = [piecesOf(layout, hostId), piecesOf(layout, newHostId)];
      yield blind(movePieces(layout, hostId, newHostId, this.#dialect), touches);
    }
  }

  /** @throws ValueError for a class that is not configured */
  #of(object: OpsiObject): HardwareLayout {
    const name = object["hardwareClass"];
    const layout = this.layouts.get(String(name));
    if (layout) return layout;
    throw new OpsiError("ValueError", `Hardware class '${name}' is not configured`, { field: "hardwareClass" });
  }
}

const piecesOf = ({ piece }: HardwareLayout, hostId: unknown): Touch => keyed(piece.name, ["hostId"], [String(hostId)]);

/** What an insert puts in place of null. */
function withDefaults({ types }: HardwareLayout, object: OpsiObject): OpsiObject {
  const { attributes } = types.AuditHardwareOnHost;
  const initial = ["firstseen", "lastseen", "state"].map((name) => [
    name,
    object[name] ?? attributes[name]?.initial?.() ?? null,
  ]);
  return { ...object, ...Object.fromEntries(initial) };
}
