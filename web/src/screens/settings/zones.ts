// Time zones and currencies to choose from, as the browser knows them.

/** Every zone by its name; the one that is set, too, should the browser not know it. */
export function zones(current: string): string[] {
  const known = new Set(["UTC", ...Intl.supportedValuesOf("timeZone"), current]);
  return [...known].toSorted();
}

/** "EUR – Euro" */
export function currencies(current: string): { value: string; label: string }[] {
  const names = new Intl.DisplayNames("en", { type: "currency" });
  const known = new Set([...Intl.supportedValuesOf("currency"), current]);
  return [...known].toSorted().map((code) => ({ value: code, label: `${code} – ${names.of(code) ?? code}` }));
}
