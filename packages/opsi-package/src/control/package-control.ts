import type { OpsiObject } from "@opsi-ts/model";

export const conditions = ["=", "<", "<=", ">", ">="] as const;
export type Condition = (typeof conditions)[number];

/** `[Package] depends`: what has to be on the depot before. Without version any will do. */
export interface PackageDependency {
  readonly package: string;
  readonly version: string | null;
  readonly condition: Condition | null;
}

/** What a control file says, as objects. Attributes that the file does not set are null (TOML) or empty (INI form). */
export interface PackageControl {
  /** LocalbootProduct or NetbootProduct */
  readonly product: OpsiObject;
  readonly productProperties: readonly OpsiObject[];
  readonly productDependencies: readonly OpsiObject[];
  readonly packageDependencies: readonly PackageDependency[];
  readonly changelog: string | null;
}
