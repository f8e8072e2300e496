// Where everything stands on the canvas: a tidy tree from top to bottom. Branches stand side by side in their order and
// come together below. Pure, linear, and the same tree always looks the same; the trigger stays at the origin.
import { leaves, type Side, waysOf } from "./branches";
import type { Place } from "./document";
import type { Definition, Step } from "./steps";

export const WIDTH = 268;
const COLUMN = WIDTH + 44;
const GAP = 64;
const FAN = 46;
const PLUS = 28;

export interface Point {
  x: number;
  y: number;
}

export interface Spot extends Point {
  id: string;
  kind: "trigger" | "step" | "join" | "end";
  height: number;
}

/** A line from one spot to another, with the place where a step can be put into it. */
export interface Line {
  id: string;
  from: string;
  to: string;
  /** Corner by corner. */
  points: Point[];
  place: Place;
  /** Where its "+" is. */
  plus: Point;
  /** The branch that begins here, and where its name is written. */
  branch: { step: string; side: Side; at: Point } | null;
}

export interface Layout {
  spots: Spot[];
  lines: Line[];
}

export interface Sizes {
  trigger: number;
  step: (step: Step) => number;
}

/** How far a list reaches to the left and right of its axis. */
interface Reach {
  left: number;
  right: number;
}

/** What leads to the next thing: where the line begins, and how it gets to its axis. */
interface Open {
  from: string;
  points: Point[];
  place: Place;
  branch: Line["branch"];
}

export const TRIGGER = "";
export const END = "·end";

export function layout(definition: Definition, sizes: Sizes): Layout {
  const sheet: Layout = { spots: [], lines: [] };
  const measured = new Map<Step, Reach>();
  for (const step of definition.steps) measure(step, measured);
  sheet.spots.push({ id: TRIGGER, kind: "trigger", x: 0, y: 0, height: sizes.trigger });
  const begin: Open = { from: TRIGGER, points: [{ x: 0, y: sizes.trigger }], place: { owner: null, side: "", index: 0 }, branch: null };
  const drawing = new Drawing(sheet, sizes, measured);
  const { open, y } = drawing.list(definition.steps, null, "", 0, sizes.trigger, begin);
  if (open) {
    sheet.spots.push({ id: END, kind: "end", x: 0, y: y + GAP, height: 32 });
    drawing.connect(open, END, { x: 0, y: y + GAP });
  }
  return sheet;
}

function measure(step: Step, measured: Map<Step, Reach>): Reach {
  const ways = waysOf(step).map((way) => {
    const inside = way.steps.map((one) => measure(one, measured));
    return { left: Math.max(COLUMN / 2, ...inside.map((one) => one.left)), right: Math.max(COLUMN / 2, ...inside.map((one) => one.right)) };
  });
  const half = COLUMN / 2;
  const [first, last] = [ways[0], ways.at(-1)];
  const whole = ways.reduce((sum, way) => sum + way.left + way.right, 0);
  const axes = first && last ? (whole - first.left - last.right) / 2 : 0;
  const reach = { left: Math.max(half, axes + (first?.left ?? 0)), right: Math.max(half, axes + (last?.right ?? 0)) };
  measured.set(step, reach);
  return reach;
}

class Drawing {
  constructor(
    private readonly sheet: Layout,
    private readonly sizes: Sizes,
    private readonly measured: Map<Step, Reach>,
  ) {}

  /** The steps of one branch; answers what is left open at its end, and how far down it goes. */
  list(steps: readonly Step[], owner: string | null, side: Side, x: number, y: number, open: Open | null): { open: Open | null; y: number } {
    let [now, line] = [y, open];
    for (const [index, step] of steps.entries()) {
      const top = now + GAP;
      const height = this.sizes.step(step);
      this.sheet.spots.push({ id: step.id, kind: "step", x, y: top, height });
      if (line) this.connect(line, step.id, { x, y: top });
      now = top + height;
      const place = { owner, side, index: index + 1 };
      const ways = waysOf(step);
      if (ways.length > 0) [line, now] = this.branching(step, x, now, place);
      else line = "exit" in step ? null : { from: step.id, points: [{ x, y: now }], place, branch: null };
    }
    return { open: line, y: now };
  }

  private branching(step: Step, x: number, y: number, place: Place): [Open | null, number] {
    const ways = waysOf(step);
    const reaches = ways.map((way) => this.reach(way.steps));
    const whole = reaches.reduce((sum, one) => sum + one.left + one.right, 0);
    let edge = x - (whole - reaches[0]!.left - reaches.at(-1)!.right) / 2 - reaches[0]!.left;
    const ends: Open[] = [];
    let bottom = y;
    for (const [index, way] of ways.entries()) {
      const axis = edge + reaches[index]!.left;
      edge = axis + reaches[index]!.right;
      const branch = { step: step.id, side: way.side, at: { x: axis, y: y + FAN } };
      const points = [{ x, y }, { x, y: y + FAN / 2 }, { x: axis, y: y + FAN / 2 }, { x: axis, y: y + FAN }];
      const begin: Open = { from: step.id, points, place: { owner: step.id, side: way.side, index: 0 }, branch };
      const end = this.list(way.steps, step.id, way.side, axis, y + FAN, begin);
      bottom = Math.max(bottom, end.y + (way.steps.length === 0 ? PLUS : 0));
      if (end.open) ends.push(end.open);
    }
    return this.join(step, ends, x, bottom, place);
  }

  /** The ways that go on come together again. */
  private join(step: Step, ends: Open[], x: number, bottom: number, place: Place): [Open | null, number] {
    if (leaves([step])) return [null, bottom];
    const id = `${step.id}·join`;
    const at = { x, y: bottom + GAP - 8 };
    this.sheet.spots.push({ id, kind: "join", ...at, height: 0 });
    for (const end of ends) {
      const axis = end.points.at(-1)!.x;
      const turn = at.y - FAN / 2 + 6;
      this.connect(end, id, at, [{ x: axis, y: turn }, { x, y: turn }]);
    }
    return [{ from: id, points: [at], place, branch: null }, at.y];
  }

  /** A line to here, with these corners on its way. Its "+" is on the first straight stretch that it has for itself. */
  connect(open: Open, to: string, at: Point, corners: Point[] = []): void {
    const start = open.points.at(-1)!;
    const end = corners[0] ?? at;
    const plus = { x: start.x, y: open.branch ? start.y + PLUS : Math.min(start.y + GAP / 2, (start.y + end.y) / 2) };
    const id = `${open.from}→${to}:${open.place.side}.${open.place.index}`;
    this.sheet.lines.push({ id, from: open.from, to, points: [...open.points, ...corners, at], place: open.place, plus, branch: open.branch });
  }

  private reach(steps: readonly Step[]): Reach {
    const inside = steps.map((step) => this.measured.get(step)!);
    return { left: Math.max(COLUMN / 2, ...inside.map((one) => one.left)), right: Math.max(COLUMN / 2, ...inside.map((one) => one.right)) };
  }
}
