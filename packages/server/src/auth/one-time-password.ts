import { Secret } from "otpauth";
import { renderUnicodeCompact } from "uqr";

/** Bytes of a new secret: 32 characters in base 32. (objects 6.12) */
const secretBytes = 20;
const issuer = "opsi";

/** A random secret for time-based one-time passwords in base 32. */
export const newOneTimePasswordSecret = (): string => new Secret({ size: secretBytes }).base32;

/** What apps read: `otpauth://totp/opsi:user%40server?secret=…&issuer=opsi`. */
export function provisioningUri(account: string, secret: string): string {
  return `otpauth://totp/${issuer}:${encodeURIComponent(account)}?secret=${secret}&issuer=${issuer}`;
}

/** A text as QR code of block characters, two rows in a line; dark is a block, so the screen should be light. */
export const qrCode = (text: string): string => renderUnicodeCompact(text, { border: 0, ecc: "M", invert: true });
