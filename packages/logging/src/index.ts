export { type LevelName, levels } from "./levels.ts";
export { type Log, type LogSettings, type OpenLog, openLog, silentLog } from "./log.ts";
export type { LineStyle } from "./log-line.ts";
export type { LogFileSettings } from "./rotating-file.ts";
export { appended, numbered, type OlderName, setAside } from "./set-aside.ts";
