/** A wish to restart or switch off the machine; `reboot` wins over `shutdown`. (agent §4.6) */
export type Power = "none" | "reboot" | "shutdown";

/** Where the agent's files lie. (agent §2.3, §11) */
export interface AgentFolders {
  readonly configurationFile: string;
  readonly logFolder: string;
  /** state.json, outbox, lock, the working folder of the action processor. */
  readonly stateFolder: string;
  /** opsi-ca-cert.pem */
  readonly certificateFolder: string;
  /** Key and certificate of the control server in one file. */
  readonly controlCertificateFile: string;
  readonly cacheFolder: string;
  readonly temporaryFolder: string;
  /** Wishes of the action processor. */
  readonly runFolder: string;
  readonly programFolder: string;
  /** Where an original action processor is installed. */
  readonly processorFolder: string;
  readonly processorFile: string;
}

export interface UserSession {
  readonly SessionId: string;
  readonly UserName: string;
  readonly LogonDomain: string | null;
}

/**
 * Everything in which operating systems differ, for the agent. Nothing else asks `process.platform`.
 */
export interface Platform {
  readonly system: "linux" | "macos" | "windows";
  /** Before the options of the action processor. */
  readonly optionPrefix: "-" | "/";
  /** @param root `/` on an installed machine; anything else puts all files below that folder */
  folders(root: string): AgentFolders;
  /** Fully qualified, lower case. */
  hostName(): string;
  systemUuid(): string | null;
  hardwareAddress(): string | null;
  userLoggedIn(): boolean;
  /** A login screen or a desktop is there. */
  guiRunning(): boolean;
  sessions(): UserSession[];
  notifyUsers(text: string): void;
  /** What the action processor asked for. */
  readPowerRequest(folders: AgentFolders): Power;
  clearPowerRequest(folders: AgentFolders, power: Power): void;
  /** Restarts or switches off this machine, in a few seconds. */
  execute(power: Exclude<Power, "none">): void;
  /** A text that tells a process from a later one with the same number; null if there is no such process. */
  processIdentity(processId: number): string | null;
  /**
   * The same command, but it begins only when a line comes on its standard input, and ends when that closes without
   * one. So a process never works that nobody knows of. Where the system cannot do that: the command as it is.
   */
  heldBack(program: string, parameters: readonly string[]): { program: string; parameters: readonly string[] };
  /** Ends a process and all that it started in its group. */
  signalGroup(processId: number, signal: "SIGTERM" | "SIGKILL"): void;
}
