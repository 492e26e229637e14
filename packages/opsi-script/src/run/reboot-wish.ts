/** What a script may wish for the machine, the weakest first (interpreter §4). */
export const rebootWishes = [
  "none",
  "logoutWanted",
  "rebootWanted",
  "reboot",
  "immediateLogout",
  "immediateReboot",
] as const;
export type RebootWish = (typeof rebootWishes)[number];

export const strongerWish = (left: RebootWish, right: RebootWish): RebootWish =>
  rebootWishes.indexOf(right) > rebootWishes.indexOf(left) ? right : left;
