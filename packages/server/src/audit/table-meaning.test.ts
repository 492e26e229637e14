import { defaultHardwareTypes } from "@opsi-ts/model";
import { expect, test } from "vitest";
import { hardwareLayouts } from "../backends/sql/hardware/hardware-layout.ts";
import { tables } from "../backends/sql/tables.ts";
import { tableMeanings } from "./table-meaning.ts";

const meanings = tableMeanings(defaultHardwareTypes);

test("the rows of every table mean something", () => {
  const hardware = [...hardwareLayouts(defaultHardwareTypes).values()].flatMap(({ device, piece }) => [device, piece]);
  expect(hardware.length).toBeGreaterThan(20);
  expect([...meanings.keys()].sort()).toEqual([...tables, ...hardware].map(({ name }) => name).sort());
});

test("tables with secrets are never kept as they are", () => {
  const raw = [...meanings.values()].filter(({ keptRaw }) => keptRaw !== "never");
  expect(raw.map(({ table }) => table)).toContain("PRODUCT_ON_CLIENT");
  for (const { table, columns } of raw) {
    expect([table, [...columns.values()].filter(({ secret }) => secret)]).toEqual([table, []]);
  }
  for (const table of ["HOST", "USER", "LICENSE_ON_CLIENT", "SOFTWARE_LICENSE_TO_LICENSE_POOL", "SOFTWARE_CONFIG"]) {
    expect([table, meanings.get(table)?.keptRaw]).toEqual([table, "never"]);
  }
});
