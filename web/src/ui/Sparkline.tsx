// A small curve beside a number: the shape of it over a span, drawn without a chart library, as large as its class makes it.
import { useId } from "react";

const WIDTH = 240;
const HEIGHT = 44;
const EDGE = 3;

interface Props {
  values: number[];
  /** Its size and colour. */
  className?: string;
  /** What it shows, in words; without it the numbers stand beside it. */
  label?: string;
}

export function Sparkline({ values, className, label }: Props) {
  const shade = useId();
  if (values.length < 2) return null;
  const line = curve(values);
  return (
    <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" className={className} focusable="false" {...(label ? { role: "img", "aria-label": label } : { "aria-hidden": true })}>
      {label && <title>{label}</title>}
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

/** A curve through the values that never leaves their range (monotone in each step). What never changes lies in the middle, nothing at all at the bottom. */
export function curve(values: number[]): string {
  const low = Math.min(...values);
  const range = Math.max(...values) - low;
  const share = (value: number) => (range > 0 ? (value - low) / range : low === 0 ? 0 : 0.5);
  const at = values.map((value, index) => [(index * WIDTH) / (values.length - 1), HEIGHT - EDGE - share(value) * (HEIGHT - 2 * EDGE)] as const);
  const steps = at.slice(1).map(([x, y], index) => {
    const [px, py] = at[index]!;
    const middle = ((px + x) / 2).toFixed(1);
    return `C ${middle} ${py.toFixed(1)} ${middle} ${y.toFixed(1)} ${x.toFixed(1)} ${y.toFixed(1)}`;
  });
  return `M ${at[0]![0].toFixed(1)} ${at[0]![1].toFixed(1)} ${steps.join(" ")}`;
}
