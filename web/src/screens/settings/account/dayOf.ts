// A day of the account's own life, by this machine's clock: accounts know no brand and so no brand's zone.
const format = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });

/** Of seconds since 1970. */
export const dayOf = (seconds: number): string => format.format(new Date(seconds * 1000));
