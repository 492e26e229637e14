/**
 * `hh:mm-hh:mm`, both ends inclusive; a start after the end crosses midnight. What cannot be read restricts nothing.
 * (agent §3.4)
 */
export function isInsideWindow(window: string, now: Date): boolean {
  const [, ...numbers] = /^(\d\d?):(\d\d)-(\d\d?):(\d\d)$/.exec(window) ?? [];
  const [startHour, startMinute, endHour, endMinute] = numbers.map(Number);
  if (startHour === undefined || startMinute === undefined || endHour === undefined || endMinute === undefined)
    return true;
  if (startHour > 23 || endHour > 23 || startMinute > 59 || endMinute > 59) return true;
  const start = startHour * 60 + startMinute;
  const end = endHour * 60 + endMinute;
  const minute = now.getHours() * 60 + now.getMinutes();
  return start <= end ? start <= minute && minute <= end : start <= minute || minute <= end;
}
