import type { OpsiObject } from "@opsi-ts/model";
import type { Context } from "../context.ts";

export interface PropertyState {
  readonly propertyId: string;
  readonly values: readonly unknown[] | null;
}

export const propertySources = ["keep", "package", "ask"] as const;
export type PropertySource = (typeof propertySources)[number];

/**
 * The values that a depot's properties get with a package: those it has (keep), those of the package, or asked ones.
 * What is left out takes the package's default. (packages §3.4 step 5)
 */
export async function propertyValues(
  context: Pick<Context, "ask" | "say">,
  source: PropertySource,
  properties: readonly OpsiObject[],
  states: readonly PropertyState[],
): Promise<Record<string, readonly unknown[]>> {
  if (source === "package") return {};
  const current = new Map(states.map(({ propertyId, values }) => [propertyId, values ?? []]));
  const values: Record<string, readonly unknown[]> = {};
  const sorted = properties.toSorted((a, b) => (propertyId(a) < propertyId(b) ? -1 : 1));
  for (const property of sorted) {
    const id = propertyId(property);
    const known = current.get(id);
    if (known !== undefined) values[id] = known;
    if (source === "ask") values[id] = await askValue(context, property, known ?? list(property["defaultValues"]));
  }
  return values;
}

async function askValue(
  { ask, say }: Pick<Context, "ask" | "say">,
  property: OpsiObject,
  initial: readonly unknown[],
): Promise<readonly unknown[]> {
  const possible = list(property["possibleValues"]);
  const isBool = property.type === "BoolProductProperty";
  const free = property["editable"] === true || possible.length === 0;
  const shown = possible.filter((value) => value !== "");
  const choice = shown.length === 0 ? "" : ` (${shown.join(", ")}${free ? ", or another" : ""})`;
  for (;;) {
    const several = property["multiValue"] === true ? ", several with commas" : "";
    const typed = await ask(`${propertyId(property)}${choice}${several} [${initial.join(",")}]:`);
    if (typed.trim() === "") return initial;
    const words = property["multiValue"] === true ? typed.split(",").map((word) => word.trim()) : [typed.trim()];
    const chosen = words.map((word) => {
      return possible.find((value) => String(value).toLowerCase() === word.toLowerCase()) ?? (isBool ? null : word);
    });
    if (!chosen.includes(null) && (free || chosen.every((value) => possible.includes(value)))) return chosen;
    say(`Only ${possible.join(", ")} are possible.`);
  }
}

function propertyId(property: OpsiObject): string {
  return String(property["propertyId"]);
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
