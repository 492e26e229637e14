/** The system's store of certificate authorities. Byte strings. */
export interface Certificates {
  /** False when it failed. */
  add(pemFile: string): boolean;
  remove(label: string): boolean;
  /** Common names. */
  labels(): string[];
}
