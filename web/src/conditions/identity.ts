// A name for each condition on the screen that stays when it is changed, so that rows keep their focus while others come and go.
const names = new WeakMap<object, number>();
let last = 0;

export function nameOf(tree: unknown, place: number): string {
  if (typeof tree !== "object" || tree === null) return `at ${place}`;
  const known = names.get(tree) ?? ++last;
  names.set(tree, known);
  return `n${known}`;
}

/** `after` is what has become of `before`. */
export function follows(before: unknown, after: unknown): void {
  if (typeof before !== "object" || before === null || typeof after !== "object" || after === null || before === after) return;
  const known = names.get(before);
  if (known !== undefined && !names.has(after)) names.set(after, known);
}
