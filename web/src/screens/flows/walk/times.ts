// How long after now something comes: "now", "+ 2 h", "+ 3 days 4 h".

export function later(at: string, now: string): string {
  const minutes = Math.round((new Date(at).getTime() - new Date(now).getTime()) / 60_000);
  if (minutes < 1) return "now";
  const [days, hours, rest] = [Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60), minutes % 60];
  const parts = [days > 0 && `${days} ${days === 1 ? "day" : "days"}`, hours > 0 && `${hours} h`, rest > 0 && days === 0 && `${rest} min`];
  return `+ ${parts.filter(Boolean).join(" ")}`;
}
