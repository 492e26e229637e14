export interface Network {
  readonly hostName: string;
  readonly fullyQualifiedName: string;
  /** First IPv4 address that is not the loopback. */
  readonly address: string;
  addressByName(name: string): string;
  /** Own address that is used to reach another one. */
  addressTowards(target: string): string;
  isReachable(host: string): boolean;
}
