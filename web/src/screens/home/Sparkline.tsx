// A small curve beside a number: the shape of it over the span, drawn without a chart library.
import { useId } from "react";

import classes from "./home.module.css";

const WIDTH = 240;
const HEIGHT = 44;
const EDGE = 3;

export function Sparkline({ values }: { values: number[] }) {
  const shade = useId();
  if (values.length < 2) return null;
  const line = curve(values);
  return (
    <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" className={classes.spark} aria-hidden focusable="false">
      <defs>
        <linearGradient id={shade} x1="0" y1="0" x2="0" y2="1">
          <stop offset="0%" stopColor="currentColor" stopOpacity="0.22" />
          <stop offset="100%" stopColor="currentColor" stopOpacity="0" />
        </linearGradient>
      </defs>
      <path d={`${line} L ${WIDTH} ${HEIGHT} L 0 ${HEIGHT} Z`} fill={`url(#${shade})`} />
      <path d={line} fill="none" stroke="currentColor" strokeWidth="1.8" vectorEffect="non-scaling-stroke" strokeLinejoin="round" />
    </svg>
  );
}

/** A curve through the values that never leaves their range (monotone in each step). */
export function curve(values: number[]): string {
  const low = Math.min(...values);
  const range = Math.max(...values) - low || 1;
  const at = values.map((value, index) => [(index * WIDTH) / (values.length - 1), HEIGHT - EDGE - ((value - low) / range) * (HEIGHT - 2 * EDGE)] as const);
  const steps = at.slice(1).map(([x, y], index) => {
    const [px, py] = at[index]!;
    const middle = ((px + x) / 2).toFixed(1);
    return `C ${middle} ${py.toFixed(1)} ${middle} ${y.toFixed(1)} ${x.toFixed(1)} ${y.toFixed(1)}`;
  });
  return `M ${at[0]![0].toFixed(1)} ${at[0]![1].toFixed(1)} ${steps.join(" ")}`;
}
