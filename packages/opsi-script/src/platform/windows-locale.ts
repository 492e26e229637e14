import { fromWide, windowsFunction } from "./windows-library.ts";

const localeInformation = windowsFunction<(locale: null, what: number, text: Buffer, size: number) => number>(
  "kernel32",
  "int GetLocaleInfoEx(void *locale, uint32 what, void *text, int size)",
);
const systemLanguage = windowsFunction<() => number>("kernel32", "uint16 GetSystemDefaultLangID()");
const systemLocale = windowsFunction<(name: Buffer, size: number) => number>(
  "kernel32",
  "int GetSystemDefaultLocaleName(void *name, int size)",
);

/** Names of `getLocaleInfoMap` with Windows' numbers (LCTYPE), in its order (functions §7.3). */
const entries = [
  ["language_id_2chars", 0x59],
  ["language_id", 0x01],
  ["localized_name_of_language", 0x02],
  ["English_name_of_language", 0x1001],
  ["abbreviated_language_name", 0x03],
  ["native_name_of_language", 0x04],
  ["country_code", 0x05],
  ["localized_name_of_country", 0x06],
  ["English_name_of_country", 0x1002],
  ["abbreviated_country_name", 0x07],
  ["native_name_of_country", 0x08],
  ["default_language_id", 0x09],
  ["default_language_id_decimal", null],
  ["default_country_code", 0x0a],
  ["default_oem_code_page", 0x0b],
  ["default_ansi_code_page", 0x1004],
] as const;

function ask(what: number): string {
  const text = Buffer.alloc(512);
  return localeInformation(null, what, text, 256) === 0 ? "" : fromWide(text);
}

/** Language and country of the user, then of the system. */
export function windowsLocale(): string[] {
  const name = Buffer.alloc(170);
  const region = systemLocale(name, 85) === 0 ? "" : fromWide(name);
  return [
    ...entries.map(([key, what]) => `${key}=${what === null ? Number.parseInt(ask(0x09), 16) || "" : ask(what)}`),
    `system_default_language_id=${systemLanguage().toString(16).padStart(4, "0").toUpperCase()}`,
    `system_default_posix=${region.replace("-", "_")}`,
    `system_default_lang_region=${region}`,
  ];
}
