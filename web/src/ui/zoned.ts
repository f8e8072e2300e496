// Times of day in a zone: what a clock there shows, and the instant at which it shows it. Pure.

const formats = new Map<string, Intl.DateTimeFormat>();

function format(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known) return known;
  const made = new Intl.DateTimeFormat("en-CA", {
    timeZone: zone, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit",
  });
  formats.set(zone, made);
  return made;
}

/** "2026-03-02 09:00:00": what a clock in the zone shows at this instant. */
export function wallOf(at: string | number, zone: string): string {
  const part = Object.fromEntries(format(zone).formatToParts(new Date(at)).map(({ type, value }) => [type, value]));
  return `${part.year!.padStart(4, "0")}-${part.month}-${part.day} ${part.hour}:${part.minute}:${part.second}`;
}

const asUtc = (wall: string): number => Date.parse(`${wall.replace(" ", "T")}Z`);

/**
 * When a clock in the zone shows `wall`: "2026-03-02 09:00:00" or, as fields write it, "2026-03-02T09:00".
 * Of a time that clocks show twice it is the first; of one that they skip, the same time before the change.
 */
function momentOf(wall: string, zone: string): number {
  const wanted = asUtc(wall.length === 16 ? `${wall}:00` : wall);
  const offset = (at: number) => asUtc(wallOf(at, zone)) - at;
  const DAY = 86_400_000;
  const candidates = [offset(wanted - DAY), offset(wanted + DAY)].map((one) => wanted - one);
  const shown = candidates.filter((at) => asUtc(wallOf(at, zone)) === wanted);
  return shown.length > 0 ? Math.min(...shown) : Math.max(...candidates);
}

/** The instant in UTC at which a clock in the zone shows `wall`. */
export function instantOf(wall: string, zone: string): string {
  return new Date(momentOf(wall, zone)).toISOString();
}

/** The same instant with the zone's offset, for texts that people read: 2026-03-01T00:00:00+01:00. */
export function offsetInstantOf(wall: string, zone: string): string {
  const at = momentOf(wall, zone);
  const shown = wallOf(at, zone);
  const minutes = Math.round((asUtc(shown) - at) / 60_000);
  const part = (value: number) => String(Math.trunc(value)).padStart(2, "0");
  return `${shown.replace(" ", "T")}${minutes < 0 ? "-" : "+"}${part(Math.abs(minutes) / 60)}:${part(Math.abs(minutes) % 60)}`;
}

/** "2026-03-01T00:00" on the zone's clock, as a field shows an instant; what is no instant stays as it is. */
export function fieldOf(instant: string, zone: string): string {
  // Without an offset an instant is in UTC.
  const whole = /^\d{4}-\d\d-\d\d$/.test(instant) ? `${instant}T00:00:00Z` : /(Z|[+-]\d\d:?\d\d)$/i.test(instant) ? instant : `${instant}Z`;
  const at = Date.parse(whole);
  return Number.isNaN(at) ? instant : wallOf(at, zone).slice(0, 16).replace(" ", "T");
}

/** "2026-03-02": the day that it is in the zone. */
export function dayOf(at: string | number, zone: string): string {
  return wallOf(at, zone).slice(0, 10);
}

/** The next full hour from `now` on, at least `ahead` hours later. */
export function nextHour(now: string, ahead = 1): string {
  const HOUR = 3_600_000;
  return new Date(Math.ceil(new Date(now).getTime() / HOUR + ahead) * HOUR).toISOString();
}
