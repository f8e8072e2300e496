// Numbers, money, shares and spans as people read them. Every number has its unit; a share says of what.

const whole = new Intl.NumberFormat("en");
const short = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });

export function count(value: number): string {
  return whole.format(value);
}

/** 1.2K, 3.4M: where room is short. */
export function compact(value: number): string {
  return Math.abs(value) < 10_000 ? whole.format(value) : short.format(value);
}

/** "1 person", "1,204 people". */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${whole.format(value)} ${value === 1 ? one : many}`;
}

export const people = (value: number): string => counted(value, "person", "people");

export function money(value: number, currency: string): string {
  const cents = Math.abs(value) < 1000 ? 2 : 0;
  return new Intl.NumberFormat("en", { style: "currency", currency, minimumFractionDigits: cents, maximumFractionDigits: cents }).format(value);
}

/** A share as a percentage; "–" where there is nothing to have a share of. */
export function rate(part: number, of: number, digits = 1): string {
  return of > 0 ? `${((100 * part) / of).toFixed(digits)} %` : "–";
}

/** "12.4 KB", of bytes. */
export function size(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1024 * 1024 ? `${(bytes / 1024).toFixed(1)} KB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

/** "subscribed_at" as "Subscribed at". */
export function words(name: string): string {
  const plain = name.replaceAll("_", " ");
  return plain.charAt(0).toUpperCase() + plain.slice(1);
}
