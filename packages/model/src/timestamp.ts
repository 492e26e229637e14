/** opsi's form of a point in time: local time of the server, `YYYY-MM-DD HH:MM:SS`. (objects §1.5) */
export function timestamp(date: Date = new Date()): string {
  const two = (value: number): string => String(value).padStart(2, "0");
  const day = `${String(date.getFullYear()).padStart(4, "0")}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** How opsi writes "never". */
export const zeroTimestamp = "0000-00-00 00:00:00";
