/**
 * A value that is JSON already, usually made by the database, and is passed through without being parsed.
 *
 *     return new JsonText(statement.get().json);
 *
 * The text must be valid JSON; bytes must be UTF-8.
 */
export class JsonText {
  readonly text: string | Uint8Array;
  /** Of an array, where whoever made the text has counted them: finding out takes a walk through all of it. */
  readonly elements: number | null;

  constructor(text: string | Uint8Array, elements: number | null = null) {
    this.text = text;
    this.elements = elements;
  }

  /** The value behind the text, for the callers that cannot pass it on (MessagePack, tests). */
  parse(): unknown {
    return JSON.parse(typeof this.text === "string" ? this.text : Buffer.from(this.text).toString("utf8"));
  }

  /** The text as UTF-8. */
  bytes(): Uint8Array {
    return typeof this.text === "string" ? Buffer.from(this.text) : this.text;
  }
}
