// Codes as people have them: pasted, or as the first column of a file. Pure.

/** The first field of each line, each once; a heading line such as "code" is left out. */
export function read(written: string): string[] {
  const found = written.split(/\r?\n/).map((line) => line.split(/[,;\t]/)[0]!.trim().replaceAll(/^"|"$/g, ""));
  if (/^(coupon[ _-]?)?codes?$/i.test(found[0] ?? "")) found.shift();
  return [...new Set(found.filter(Boolean))];
}
