import type { HardwareTypes } from "@opsi-ts/model";
import type { Query } from "../../storage.ts";
import { HardwareTables } from "../hardware/hardware-tables.ts";
import type { Layout } from "../layout.ts";
import type { Form } from "../select.ts";
import { StatementCache } from "../statement-cache.ts";
import type { RemoteDialect } from "./remote-dialect.ts";
import { type SelectRows, selectRows } from "./select-rows.ts";

/** The tables of one kind of database, and the statements that read them. */
export class RemoteTables {
  readonly dialect: RemoteDialect;
  readonly hardware: HardwareTables;
  readonly #plain: StatementCache<SelectRows>;
  readonly #locking: StatementCache<SelectRows>;

  constructor(dialect: RemoteDialect, hardwareTypes: HardwareTypes) {
    this.dialect = dialect;
    this.hardware = new HardwareTables(hardwareTypes, dialect);
    this.#plain = new StatementCache((layout, query, form) => selectRows(layout, query, form, dialect, false));
    this.#locking = new StatementCache((layout, query, form) => selectRows(layout, query, form, dialect, true));
  }

  /** @param locking whether decisions of a transaction may rest on what is read */
  select(layout: Layout, query: Query, form: Form, locking: boolean): SelectRows {
    return (locking ? this.#locking : this.#plain).select(layout, query, form);
  }
}
