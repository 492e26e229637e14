const secretFields: ReadonlySet<string> = new Set(
  [
    "password",
    "opsiHostKey",
    "hostKey",
    "opsi_host_key",
    "oneTimePassword",
    "authorization",
    "cookie",
    "sessionId",
    "key",
  ].map((name) => name.toLowerCase()),
);
const censor = "***secret***";

/** Host keys are 32 hexadecimal digits; MD5 sums look alike and are logged with their first eight digits only. */
const secretTexts =
  /(?<![0-9A-Za-z])[0-9a-f]{32}(?![0-9A-Za-z])|(?<=\bBasic )[A-Za-z0-9+/]+=*|(?<=:\/\/[^/\s:@]*:)[^/\s@]+(?=@)|(?<=[-/]password[ =]"?)[^\s"]+/gi;

/** The same fields without secrets, at every depth; texts lose keys, credentials and passwords in addresses. */
export function redacted(value: unknown, depth = 0): unknown {
  if (typeof value === "string") return value.replace(secretTexts, censor);
  if (typeof value !== "object" || value === null || depth > 6) return value;
  if (Array.isArray(value)) return value.map((entry) => redacted(entry, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, entry]) => {
      const hidden = secretFields.has(name.toLowerCase()) && entry !== null && entry !== "";
      return [name, hidden ? censor : redacted(entry, depth + 1)];
    }),
  );
}
