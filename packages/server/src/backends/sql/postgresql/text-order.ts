/*
 * Texts compare as in utf8_general_ci, the collation of the original: neither case nor accents count. (objects 5.1)
 *
 * Columns have a collation of ICU, so that keys, references and joins do so by themselves. Two things such a collation
 * cannot do: it has no LIKE, and "greater" means behind in a dictionary. For them there is a function.
 */

export const textCollation = '"opsi_text"';
export const foldFunction = '"opsi_fold"';

/** What JavaScript and we trim. */
const blanks = "\\t\\n\\u000B\\f\\r \\u00A0\\u1680\\u2000-\\u200A\\u2028\\u2029\\u202F\\u205F\\u3000\\uFEFF";
/** The blocks of Unicode with combining marks, as which accents stand behind the letter in the form NFD. */
const marks = "\\u0300-\\u036F\\u1AB0-\\u1AFF\\u1DC0-\\u1DFF\\u20D0-\\u20FF\\uFE20-\\uFE2F";

const trimmed = `regexp_replace(value COLLATE "C", '[${blanks}]+$', '')`;
const letters = `translate(regexp_replace(normalize(${trimmed}, NFD), '[${marks}]+', '', 'g'), 'ß', 's')`;

/** The statements that create both where they are missing. */
export const createTextOrder: readonly string[] = [
  `CREATE COLLATION IF NOT EXISTS ${textCollation} (provider = icu, locale = 'und-u-ks-level1', deterministic = false)`,
  // Nearly all texts are ASCII, for which the first branch does.
  `CREATE OR REPLACE FUNCTION ${foldFunction}(value text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $fold$
    SELECT CASE WHEN octet_length(value) = char_length(value)
      THEN upper(rtrim(value, E' \\t\\n\\x0B\\f\\r') COLLATE "C")
      ELSE upper(${letters} COLLATE "und-x-icu") COLLATE "C" END $fold$`,
];
