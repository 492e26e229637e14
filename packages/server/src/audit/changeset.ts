/** A value of a column; undefined where an update left it as it was. */
export type ColumnValue = string | number | Uint8Array | null | undefined;

/** What happened to one row from the beginning of a session to its end. */
export interface RowChange {
  readonly table: string;
  /** All columns of a deleted row; of an updated one its key and what changed. Null for a new row. */
  readonly before: readonly ColumnValue[] | null;
  /** All columns of a new row, of an updated one what changed. Null for a deleted row. */
  readonly after: readonly ColumnValue[] | null;
}

/*
 *  table:  'T'  columns (varint)  is part of the key (a byte a column)  name  0
 *  change: operation  indirect?  record before (but insert)  record after (but delete)
 *  record: a type and a value for each column; numbers are big-endian, before texts and blobs stands their length
 */
const tableFollows = 0x54;
const operations = { insert: 18, update: 23, delete: 9 };
const types = { unchanged: 0, integer: 1, float: 2, text: 3, blob: 4, null: 5 };

class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get atEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  byte(): number {
    const byte = this.#bytes[this.#at++];
    if (byte === undefined) throw new RangeError("The changeset ends too early");
    return byte;
  }

  /** Seven bits a byte, the highest first; lengths stay far below the nine bytes that a varint may have. */
  varint(): number {
    let value = 0;
    for (;;) {
      const byte = this.byte();
      value = value * 128 + (byte & 0x7f);
      if (byte < 0x80) return value;
    }
  }

  bytes(length: number): Buffer {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw new RangeError("The changeset ends too early");
    const found = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return found;
  }

  text(length: number): string {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw new RangeError("The changeset ends too early");
    const found = this.#bytes.toString("utf8", this.#at, end);
    this.#at = end;
    return found;
  }

  name(): string {
    const end = this.#bytes.indexOf(0, this.#at);
    if (end < 0) throw new RangeError("The changeset ends too early");
    const found = this.text(end - this.#at);
    this.#at++;
    return found;
  }

  value(): ColumnValue {
    const type = this.byte();
    switch (type) {
      case types.unchanged:
        return undefined;
      case types.integer:
        return Number(this.bytes(8).readBigInt64BE());
      case types.float:
        return this.bytes(8).readDoubleBE();
      case types.text:
        return this.text(this.varint());
      case types.blob:
        return this.bytes(this.varint());
      case types.null:
        return null;
      default:
        throw new RangeError(`The changeset has a value of type ${type}`);
    }
  }

  /** Hot path (bench audit). */
  skipRecord(columns: number): void {
    const bytes = this.#bytes;
    let at = this.#at;
    for (let column = 0; column < columns; column++) {
      const type = bytes[at++];
      if (type === types.unchanged || type === types.null) continue;
      if (type === types.text || type === types.blob) {
        this.#at = at;
        const length = this.varint();
        at = this.#at + length;
      } else if (type === types.integer || type === types.float) at += 8;
      else throw new RangeError(`The changeset has a value of type ${type}`);
    }
    this.#at = at;
  }

  record(columns: number): ColumnValue[] {
    const values: ColumnValue[] = [];
    for (let column = 0; column < columns; column++) values.push(this.value());
    return values;
  }
}

/**
 * The rows that changed, from what SQLite's session extension recorded.
 *
 * @throws RangeError for bytes that are no changeset
 * @see https://www.sqlite.org/session/sqlite3changeset_new.html, format in sqlite3session.c
 */
export function* readChangeset(bytes: Uint8Array): Generator<RowChange> {
  const reader = new Reader(bytes);
  let table = "";
  let columns = 0;
  while (!reader.atEnd) {
    const operation = reader.byte();
    if (operation === tableFollows) {
      columns = reader.varint();
      reader.bytes(columns);
      table = reader.name();
      continue;
    }
    checkOperation(operation);
    reader.byte(); // whether a trigger or a foreign key did it
    const before = operation === operations.insert ? null : reader.record(columns);
    const after = operation === operations.delete ? null : reader.record(columns);
    yield { table, before, after };
  }
}

/**
 * The table of all changed rows, null if there are several. Hot path (bench audit): nothing is made of the rows.
 *
 * @throws RangeError for bytes that are no changeset
 */
export function onlyTable(bytes: Uint8Array): string | null {
  const reader = new Reader(bytes);
  let table: string | null = null;
  let columns = 0;
  while (!reader.atEnd) {
    const operation = reader.byte();
    if (operation === tableFollows) {
      if (table !== null) return null;
      columns = reader.varint();
      reader.bytes(columns);
      table = reader.name();
      continue;
    }
    checkOperation(operation);
    reader.byte();
    reader.skipRecord(operation === operations.update ? 2 * columns : columns);
  }
  return table;
}

function checkOperation(operation: number): void {
  if (operation === operations.insert || operation === operations.update || operation === operations.delete) return;
  throw new RangeError(`The changeset has an operation ${operation}`);
}
