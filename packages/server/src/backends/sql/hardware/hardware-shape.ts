import type { HardwareTypeName } from "@opsi-ts/model";
import type { HardwareForm, Restriction } from "../../storage.ts";
import type { HardwareColumn, HardwareLayout } from "./hardware-layout.ts";

/** Where a value of read hardware comes from. */
export type HardwareSource =
  | { readonly kind: "constant"; readonly value: string | null }
  /** `withT`: a time has a T in its middle. `onlyOf`: null but in the hardware of this host. */
  | {
      readonly kind: "column";
      readonly column: HardwareColumn;
      readonly withT: boolean;
      readonly onlyOf: string | null;
    }
  | Joined;

/** Values one after the other with `;` between them, null as nothing. */
interface Joined {
  readonly kind: "joined";
  readonly parts: readonly HardwareSource[];
}

/** What one row becomes. */
export type HardwareShape =
  | { readonly kind: "object"; readonly members: readonly (readonly [name: string, source: HardwareSource])[] }
  | { readonly kind: "list"; readonly elements: readonly HardwareSource[] }
  | { readonly kind: "text"; readonly source: Joined };

/** What the rows of a class become in a form. (objects 3.2, 6.14) */
export function hardwareShape(
  layout: HardwareLayout,
  typeName: HardwareTypeName,
  restriction: Restriction | undefined,
  form: HardwareForm,
): HardwareShape {
  const columns = layout.filterable[typeName];
  const source = (name: string): HardwareSource => {
    if (name === "hardwareClass") return { kind: "constant", value: layout.hardwareClass };
    const column = columns.get(name);
    if (!column || restriction?.hidden.has(name)) return { kind: "constant", value: null };
    const onlyOf = restriction?.ownOnly.has(name) ? restriction.hostId : null;
    return { kind: "column", column, withT: form === "row" || form === "selected", onlyOf };
  };
  const joined = (names: readonly string[]): Joined => ({ kind: "joined", parts: names.map(source) });
  const members = (names: readonly string[]) => names.map((name) => [name, source(name)] as const);
  const general = layout.general.map(({ name }) => name);
  switch (form) {
    case "object": {
      const type = layout.types[typeName];
      const last = [
        ["type", { kind: "constant", value: typeName }],
        ["ident", joined(type.identOrder ?? [])],
      ] as const;
      return { kind: "object", members: [...members(Object.keys(type.attributes)), ...last] };
    }
    case "row":
    case "selected": {
      if (typeName === "AuditHardware") return { kind: "object", members: members(general) };
      const number = form === "row" ? [[rowNumber.name, rowNumberSource] as const] : [];
      const individual = layout.individual.map(({ name }) => name);
      const fixed = ["hostId", "firstseen", "lastseen", "state"];
      return { kind: "object", members: [...members(general), ...number, ...members([...fixed, ...individual])] };
    }
    case "dict":
      return { kind: "object", members: members(general) };
    case "list":
      return { kind: "list", elements: general.map(source) };
    case "str":
      return { kind: "text", source: joined(general) };
    default:
      return form satisfies never;
  }
}

const rowNumber: HardwareColumn = { name: "config_id", kind: "number", type: "int", table: "piece" };
const rowNumberSource: HardwareSource = { kind: "column", column: rowNumber, withT: false, onlyOf: null };
