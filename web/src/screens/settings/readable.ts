// Which words can be read on a colour: the same rule as the public pages go by.

const channel = (part: number): number => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);

/** From 0 (black) to 1 (white), as WCAG defines it. */
export function luminance(colour: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => channel(parseInt(colour.slice(at, at + 2), 16) / 255)) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

export function contrast(one: string, other: string): number {
  const [a, b] = [luminance(one), luminance(other)];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

export const isColour = (given: string): boolean => /^#[0-9a-f]{6}$/i.test(given);

/** White or black, whichever is easier to read. */
export const wordsOn = (colour: string): string => (contrast("#ffffff", colour) > contrast("#000000", colour) ? "#ffffff" : "#000000");

const mixed = (colour: string, other: string, share: number): string =>
  `#${[1, 3, 5].map((at) => { const [a, b] = [parseInt(colour.slice(at, at + 2), 16), parseInt(other.slice(at, at + 2), 16)]; return Math.round(a + (b - a) * Math.min(share, 1)).toString(16).padStart(2, "0"); }).join("")}`;

/** The colour, or as little darker as makes a shape of it stand out on white. */
export function seenOnWhite(colour: string): string {
  let share = 0;
  while (contrast(mixed(colour, "#000000", share), "#ffffff") < 3) share += 0.04;
  return mixed(colour, "#000000", share);
}
