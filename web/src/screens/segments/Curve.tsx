// A segment's size over its last days as a small curve, and in words for those who ask it.
import { count } from "@/ui/formats";
import { Sparkline } from "@/ui/Sparkline";

import classes from "./segments.module.css";

export function Curve({ sizes }: { sizes: number[] }) {
  if (sizes.length < 2) return <span aria-hidden>–</span>;
  const change = sizes.at(-1)! - sizes[0]!;
  const told = `${change > 0 ? "+" : ""}${count(change)} in ${sizes.length} days: from ${count(sizes[0]!)} to ${count(sizes.at(-1)!)}`;
  return <Sparkline values={sizes} className={classes.spark} label={told} />;
}
