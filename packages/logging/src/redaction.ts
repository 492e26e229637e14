/** Fields whose value is never written below level 9. */
const secretFields = new Set(
  [
    "password",
    "opsiHostKey",
    "hostKey",
    "opsi_host_key",
    "oneTimePassword",
    "sessionId",
    "authorization",
    "cookie",
    "passphrase",
    "key",
    "otpSecret",
    "licenseKey",
  ].map((name) => name.toLowerCase()),
);
const censor = "***secret***";

/**
 * Host keys and session ids are 32 hexadecimal digits, a mistyped one may have more. MD5 sums look alike and are logged
 * with their first eight digits only. The others: headers, addresses, our own texts, command lines.
 */
const secretTexts = new RegExp(
  [
    /(?<![0-9A-Za-z])[0-9a-f]{32,}(?![0-9A-Za-z])/,
    /(?<=\bBasic )[A-Za-z0-9+/]+=*/,
    /(?<=:\/\/[^/\s:@]*:)[^/\s]+(?=@)/,
    /(?<=opsi host key: )\S+/,
    /(?<=[-/]password[ =]"?)[^\s"]+/,
  ]
    .map(({ source }) => source)
    .join("|"),
  "gi",
);

/** Messages of errors quote what was given: `{'oneTimePassword': 'x'}`, `{"password":"x"}`. */
const secretMembers =
  /(['"](?:\w*password|opsiHostKey|hostKey|otpSecret|licenseKey|passphrase)['"]\s*:\s*)('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")/gi;

/**
 * Longer texts are cut: an error may quote all of what was sent, and the expressions run out of stack on some millions
 * of characters. What remains of a secret at the cut goes, too; none is longer than this.
 */
const longestText = 100_000;
const longestSecret = 1000;

function redactedText(text: string): string {
  if (text.length > longestText) return `${redactedText(text.slice(0, longestText)).slice(0, -longestSecret)}…`;
  return text.replace(secretTexts, censor).replace(secretMembers, `$1'${censor}'`);
}

/**
 * The same fields without secrets, at every depth; texts lose keys, credentials and passwords in URLs, and what is more
 * than anybody reads. (service 8.7)
 */
export function redacted(value: unknown): unknown {
  if (typeof value === "string") return redactedText(value);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(redacted);
  return Object.fromEntries(
    Object.entries(value).map(([name, entry]) => {
      const hidden = secretFields.has(name.toLowerCase()) && entry !== null && entry !== "";
      return [name, hidden ? censor : redacted(entry)];
    }),
  );
}
