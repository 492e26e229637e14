import type { Family, HardwareTypeName, OpsiObject } from "@opsi-ts/model";
import type { JsonText } from "@opsi-ts/protocol";

/** Attribute name and value, ANDed; the values' meaning is in objects 5.1. */
export type Filter = Readonly<Record<string, unknown>>;

/** What a caller may see of a type. (objects 8.3) */
export interface Restriction {
  /** The host whose own objects `rows` and `ownOnly` speak of. */
  readonly hostId: string;
  /** The attribute with the host that an object belongs to. */
  readonly owner: string;
  readonly rows: "all" | "own";
  /** Null in every object. */
  readonly hidden: ReadonlySet<string>;
  /** Null in the objects of other hosts. */
  readonly ownOnly: ReadonlySet<string>;
}

export interface Query {
  /** Attributes to read besides the ident; none means all. Unknown names are ignored. */
  readonly attributes?: readonly string[];
  readonly filter?: Filter;
  readonly restriction?: Restriction | undefined;
}

/**
 * How objects are written. (objects 4.1)
 * `insert`: all attributes, defaults filled in, created or overwritten.
 * `update`: attributes that are not null, of objects that exist.
 * `merge`: attributes that are not null, created where missing.
 * `restore`: the same for what was stored once: hosts may have the same hardware address, and the same piece of hardware
 * is there as often as it is given. (storage 7.6)
 */
export type WriteMode = "insert" | "update" | "merge" | "restore";

/** Ident attributes and their values. */
export type Ident = Readonly<Record<string, unknown>>;

/** What to read of the hardware inventory; only filters on attributes that a class has count for it. (objects 6.14) */
export interface HardwareQuery {
  readonly filter?: Filter;
  readonly restriction?: Restriction | undefined;
}

/**
 * How hardware is shown. `object`: as getObjects does. `row`: the columns of the tables, `selected` without the
 * row's number. The others are idents: the attributes of the model of device only. (objects 3.2, 6.14)
 */
export type HardwareForm = "object" | "row" | "selected" | "dict" | "list" | "str";

/** The hardware inventory: models of devices, and the pieces of them that hosts have. Each call is atomic. */
export interface HardwareStore {
  read(name: HardwareTypeName, query?: HardwareQuery): Promise<OpsiObject[]>;
  /** All objects are written or none. @throws ValueError for a class that is not configured */
  write(name: HardwareTypeName, objects: readonly OpsiObject[], mode: WriteMode): Promise<void>;
  /** A device goes with the pieces of it; pieces go by host and their own attributes. (objects 6.14) */
  remove(name: HardwareTypeName, objects: readonly OpsiObject[]): Promise<void>;
  /** Everything that is known of the hardware of hosts. */
  removeOfHosts(hostIds: readonly string[]): Promise<void>;
  /** Gives the hardware of a host to another one. */
  moveToHost(hostId: string, newHostId: string): Promise<void>;
}

/** Hardware outside of a transaction. */
export interface HardwareStorage extends HardwareStore {
  count(name: HardwareTypeName, query: HardwareQuery): Promise<number>;
  /** The JSON text of an array. */
  readJson(name: HardwareTypeName, query: HardwareQuery, form: HardwareForm): Promise<JsonText>;
}

/** Reading and writing without a transaction of one's own: each call is atomic. */
export interface ObjectStore {
  readonly hardware: HardwareStore;
  /** Objects in the order of the table's primary key where nothing else is faster. */
  read(family: Family, query?: Query): Promise<OpsiObject[]>;
  /** Idents as hashes. A LicensePool appears once per assigned product id that matches. (objects 5.1) */
  readIdents(family: Family, query?: Query): Promise<Record<string, unknown>[]>;
  /** How many objects there are. */
  count(family: Family, query?: Query): Promise<number>;
  /** All objects are written or none. @throws BackendReferentialIntegrityError, BackendBadValueError, ValueError */
  write(family: Family, objects: readonly OpsiObject[], mode: WriteMode): Promise<void>;
  /** Removes what exists of the given idents, and what hangs on it. (objects 4.4) */
  remove(family: Family, idents: readonly Ident[]): Promise<void>;
}

/** All objects as they were at one moment, however long the reading takes. Nobody waits for it. */
export interface Snapshot extends AsyncDisposable {
  /** In portions of some thousand, so that no more than these are in memory; in the same order each time. */
  read(family: Family): AsyncIterable<OpsiObject[]>;
  /** The same for hardware. */
  readHardware(name: HardwareTypeName): AsyncIterable<OpsiObject[]>;
}

/** Where the objects of a site live. */
export interface Storage extends ObjectStore, AsyncDisposable {
  readonly hardware: HardwareStorage;
  /** Grows when this process has changed objects: what was read before may be different now. */
  readonly changes: number;
  /** Paths of files that hold more than is understood: what refers to that is no orphan. Databases have none. */
  readonly doubtful?: readonly string[];
  /**
   * The same as `read` as the JSON text of an array, with `ident` unless `form` is `hash`.
   * Nobody makes objects of the rows on the way.
   */
  readJson(family: Family, query: Query, form: "object" | "hash"): Promise<JsonText>;
  /** The moment is that of the first read. */
  snapshot(): Snapshot;
  /** Runs `work` in one transaction: it is committed when `work` returns and rolled back when it throws. */
  transaction<T>(work: (store: ObjectStore) => Promise<T>): Promise<T>;
}
