/** Handing over reboot wishes (interpreter §4). */
export interface Power {
  /** Tells a running agent, or restarts the machine itself where there is none. */
  requestReboot(): void;
  requestShutdown(): void;
  requestLogout(): void;
}
