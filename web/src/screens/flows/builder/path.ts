// A line from corner to corner as an SVG path with rounded corners. Pure.
import type { Point } from "./layout";

/** The line as an SVG path, with rounded corners. */
export function drawn(points: readonly Point[], radius = 10): string {
  const [first, ...rest] = points.filter((point, at) => at === 0 || point.x !== points[at - 1]!.x || point.y !== points[at - 1]!.y);
  if (!first) return "";
  let path = `M ${first.x} ${first.y}`;
  let before = first;
  for (const [index, point] of rest.entries()) {
    const next = rest[index + 1];
    if (!next) return `${path} L ${point.x} ${point.y}`;
    const short = Math.min(radius, distance(before, point) / 2, distance(point, next) / 2);
    const [enter, leave] = [toward(point, before, short), toward(point, next, short)];
    path += ` L ${enter.x} ${enter.y} Q ${point.x} ${point.y} ${leave.x} ${leave.y}`;
    before = point;
  }
  return path;
}

function distance(one: Point, other: Point): number {
  return Math.abs(one.x - other.x) + Math.abs(one.y - other.y);
}

function toward(from: Point, to: Point, length: number): Point {
  return { x: from.x + Math.sign(to.x - from.x) * length, y: from.y + Math.sign(to.y - from.y) * length };
}
