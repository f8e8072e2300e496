// A small curve of a segment's size over its last days, drawn without a chart library. The numbers stand in its title.
import { count } from "@/ui/formats";

import classes from "./segments.module.css";

const WIDTH = 110;
const HEIGHT = 28;
const EDGE = 3;

export function Curve({ sizes }: { sizes: number[] }) {
  if (sizes.length < 2) return <span aria-hidden>–</span>;
  const change = sizes.at(-1)! - sizes[0]!;
  const told = `${change > 0 ? "+" : ""}${count(change)} in ${sizes.length} days: from ${count(sizes[0]!)} to ${count(sizes.at(-1)!)}`;
  return (
    <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} className={classes.spark} role="img" aria-label={told}>
      <title>{told}</title>
      <polyline points={points(sizes)} fill="none" stroke="currentColor" strokeWidth="1.8" strokeLinejoin="round" strokeLinecap="round" />
    </svg>
  );
}

/** Along the width; a size that never changes lies in the middle. */
export function points(sizes: number[]): string {
  const low = Math.min(...sizes);
  const range = Math.max(...sizes) - low;
  const height = (size: number) => (range === 0 ? HEIGHT / 2 : HEIGHT - EDGE - ((size - low) / range) * (HEIGHT - 2 * EDGE));
  return sizes.map((size, index) => `${((index * WIDTH) / (sizes.length - 1)).toFixed(1)},${height(size).toFixed(1)}`).join(" ");
}
