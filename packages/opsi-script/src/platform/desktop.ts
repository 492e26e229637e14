/** Windows on the screen, and the programs that show them. Byte strings. */
export interface Desktop {
  /** Whether there is one with exactly this title. */
  hasWindow(title: string): boolean;
  /** Running programs read the variables of the environment anew. */
  tellEnvironmentChanged(): void;
}
