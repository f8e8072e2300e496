// How a number stands against the span before: the change in words and colour, never in colour alone.
import { Badge, Tooltip } from "@mantine/core";
import { IconArrowDownRight, IconArrowRight, IconArrowUpRight } from "@tabler/icons-react";

interface Props {
  now: number;
  before: number;
  /** The number before, as people read it. */
  was: string;
  /** More is worse: complaints, bounces. */
  reversed?: boolean;
  /** Of shares: the difference in points, not in percent of a percentage. */
  points?: boolean;
}

export function Delta({ now, before, was, reversed, points }: Props) {
  const { words, direction } = change(now, before, points);
  const Mark = direction > 0 ? IconArrowUpRight : direction < 0 ? IconArrowDownRight : IconArrowRight;
  const good = direction === 0 ? "gray" : direction > 0 !== Boolean(reversed) ? "green" : "red";
  return (
    <Tooltip label={`${was} before`}>
      <Badge color={good} leftSection={<Mark size={13} aria-hidden />} tabIndex={0} aria-label={`${words}; ${was} before`} style={{ flexShrink: 0 }}>{words}</Badge>
    </Tooltip>
  );
}

/** Words for a change, and whether it is up (1), down (-1) or nothing worth naming (0). */
export function change(now: number, before: number, points = false): { words: string; direction: -1 | 0 | 1 } {
  if (points) {
    const difference = (now - before) * 100;
    return { words: `${Math.abs(difference).toFixed(1)} pt`, direction: sign(difference, 0.05) };
  }
  if (before === 0) return { words: now === 0 ? "0 %" : "New", direction: now > 0 ? 1 : 0 };
  const percent = (100 * (now - before)) / before;
  return { words: `${Math.abs(percent) < 10 ? Math.abs(percent).toFixed(1) : Math.abs(percent).toFixed(0)} %`, direction: sign(percent, 0.05) };
}

const sign = (value: number, least: number): -1 | 0 | 1 => (Math.abs(value) < least ? 0 : value > 0 ? 1 : -1);
