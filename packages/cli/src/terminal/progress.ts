import type { Output } from "../surroundings.ts";

export interface Progress extends Disposable {
  /** Bytes or pieces done so far. */
  update(done: number, total?: number | null): void;
  /** What replaces the bar when it is over; without it the bar just goes away. */
  finish(message?: string): void;
}

export interface ProgressOptions {
  /** null = unknown, only that something is going on. */
  readonly total: number | null;
  /** How amounts are written; default: as they are. */
  readonly format?: (amount: number) => string;
}

/** On a terminal a bar that is redrawn, elsewhere one line at the beginning and one at the end. */
export function startProgress(stderr: Output, label: string, options: ProgressOptions): Progress {
  return stderr.isTTY === true ? drawBar(stderr, label, options) : plainLines(stderr, label);
}

/** Says nothing: for `--quiet`. */
export const silentProgress: Progress = { update() {}, finish() {}, [Symbol.dispose]() {} };

function plainLines(stderr: Output, label: string): Progress {
  stderr.write(`${label} ...\n`);
  return {
    update() {},
    finish(message) {
      if (message !== undefined) stderr.write(`${message}\n`);
    },
    [Symbol.dispose]() {},
  };
}

const frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

function drawBar(stderr: Output, label: string, { total: initialTotal, format = String }: ProgressOptions): Progress {
  const started = performance.now();
  let total = initialTotal;
  let done = 0;
  let over = false;
  const draw = () => {
    const elapsed = performance.now() - started;
    const width = (stderr.columns ?? 80) - 1;
    const share = total === null || total === 0 ? null : Math.min(1, done / total);
    const amount = share === null ? seconds(elapsed) : `${format(done)} of ${format(total ?? 0)}`;
    const head = share === null ? (frames[Math.floor(elapsed / 100) % frames.length] ?? "") : percent(share);
    const space = width - label.length - amount.length - head.length - 5;
    const bar = share === null || space < 8 ? "" : ` ${blocks(share, Math.min(30, space))}`;
    stderr.write(`\r\u001b[K${`${head} ${label}${bar} ${amount}`.slice(0, width)}`);
  };
  const timer = setInterval(draw, 100);
  timer.unref();
  const end = (message?: string) => {
    if (over) return;
    over = true;
    clearInterval(timer);
    stderr.write(`\r\u001b[K${message === undefined ? "" : `${message}\n`}`);
  };
  draw();
  return {
    update(amount, newTotal) {
      done = amount;
      if (newTotal !== undefined) total = newTotal;
    },
    finish: end,
    [Symbol.dispose]: () => end(),
  };
}

const percent = (share: number) => `${Math.floor(share * 100)}%`.padStart(4);
const blocks = (share: number, width: number) => "█".repeat(Math.floor(share * width)).padEnd(width, "░");
const seconds = (milliseconds: number) => `${Math.floor(milliseconds / 1000)} s`;

/** 1 536 → `1.5 KiB` */
export function formatBytes(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let amount = bytes;
  let unit = 0;
  while (amount >= 1024 && unit < units.length - 1) {
    amount /= 1024;
    unit++;
  }
  return `${unit === 0 ? amount : amount.toFixed(1)} ${units[unit]}`;
}
