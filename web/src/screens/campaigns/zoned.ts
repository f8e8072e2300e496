// Times of day in the brand's zone: what a clock there shows, and the instant at which it shows it. Pure.

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
  return `${part.year}-${part.month}-${part.day} ${part.hour}:${part.minute}:${part.second}`;
}

const asUtc = (wall: string): number => Date.parse(`${wall.replace(" ", "T")}Z`);

/**
 * The instant at which a clock in the zone shows `wall` ("2026-03-02 09:00:00", or without seconds).
 * Of a time that clocks show twice it is the first; of one that they skip, the same time before the change.
 */
export function instantOf(wall: string, zone: string): string {
  const wanted = asUtc(wall.length === 16 ? `${wall}:00` : wall);
  const offset = (at: number) => asUtc(wallOf(at, zone)) - at;
  const DAY = 86_400_000;
  const candidates = [offset(wanted - DAY), offset(wanted + DAY)].map((one) => wanted - one);
  const shown = candidates.filter((at) => asUtc(wallOf(at, zone)) === wanted);
  const found = shown.length > 0 ? Math.min(...shown) : Math.max(...candidates);
  return new Date(found).toISOString();
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
