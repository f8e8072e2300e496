// Instants as a field shows them, in the brand's zone, and back: 2026-03-01T00:00 in Europe/Berlin is 2026-03-01T00:00:00+01:00.

/** "2026-03-01T00:00" on the zone's clock; what is no instant stays as it is. */
export function local(instant: string, zone: string): string {
  // Without an offset an instant is in UTC.
  const whole = /^\d{4}-\d\d-\d\d$/.test(instant) ? `${instant}T00:00:00Z` : /(Z|[+-]\d\d:?\d\d)$/i.test(instant) ? instant : `${instant}Z`;
  const at = new Date(whole);
  return Number.isNaN(at.getTime()) ? instant : clock(at, zone);
}

/** The instant at which the zone's clock shows "2026-03-01T00:00". */
export function instantOf(shown: string, zone: string): string {
  const guess = new Date(`${shown}:00Z`).getTime();
  // The offset at that hour: asked twice, since the first guess may lie beyond a change of the clock.
  const once = guess - offset(new Date(guess), zone) * 60_000;
  const minutes = offset(new Date(once), zone);
  const sign = minutes < 0 ? "-" : "+";
  const part = (value: number) => String(Math.trunc(value)).padStart(2, "0");
  return `${shown}:00${sign}${part(Math.abs(minutes) / 60)}:${part(Math.abs(minutes) % 60)}`;
}

function clock(at: Date, zone: string): string {
  const parts = Object.fromEntries(
    new Intl.DateTimeFormat("en-GB", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23" })
      .formatToParts(at)
      .map(({ type, value }) => [type, value]),
  );
  return `${parts.year!.padStart(4, "0")}-${parts.month}-${parts.day}T${parts.hour}:${parts.minute}`;
}

function offset(at: Date, zone: string): number {
  return Math.round((new Date(`${clock(at, zone)}:00Z`).getTime() - at.getTime()) / 60_000);
}
