/** Attributes and their values as JSON has them. */
export type Attributes = Readonly<Record<string, unknown>>;

/**
 * What happened to one object. Of an object that is new or gone all attributes that are not null; of a changed one
 * those that changed, and of lists that are kept as sets (values of a config) what came and what went.
 */
export interface Change {
  readonly ident: string;
  /** Null: it was not there. */
  readonly before: Attributes | null;
  /** Null: it is gone. */
  readonly after: Attributes | null;
}
