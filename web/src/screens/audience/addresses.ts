// Addresses as people paste them: a line each, or with commas or semicolons between, perhaps with names around.
export const MOST = 1000;

export function addresses(text: string): string[] {
  const found = text.split(/[\n,;]+/).map((part) => part.match(/<([^<>]+)>/)?.[1] ?? part).map((part) => part.trim()).filter(Boolean);
  return [...new Map(found.map((one) => [one.toLowerCase(), one])).values()];
}
