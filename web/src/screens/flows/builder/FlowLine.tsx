// A line between two cards: its path, the name of the branch that begins here, and the "+" that puts a step in.
import { BaseEdge, EdgeLabelRenderer, type Edge, type EdgeProps } from "@xyflow/react";

import { AddMenu } from "./AddMenu";
import { numbersOf, useBuilder } from "./builder";
import classes from "./canvas.module.css";
import { find } from "./document";
import type { Line } from "./layout";
import { drawn } from "./path";
import { Said } from "./Said";
import { compact } from "@/ui/formats";
import { wayWords } from "./words";

export type LineEdge = Edge<{ line: Line }, "line">;

const at = ({ x, y }: { x: number; y: number }) => ({ transform: `translate(-50%, -50%) translate(${x}px, ${y}px)` });

export function FlowLine({ data }: EdgeProps<LineEdge>) {
  const { editable, flow } = useBuilder();
  const { line } = data!;
  return (
    <>
      <BaseEdge path={drawn(line.points)} />
      <EdgeLabelRenderer>
        {line.branch && <div className={`${classes.spot} nopan nodrag`} style={at(line.branch.at)}><WayName step={line.branch.step} side={line.branch.side} /></div>}
        {editable && <div className={`${classes.spot} nopan nodrag`} style={at(line.plus)}><AddMenu line={line} />{flow.steps.length === 0 && <span className={classes.first}>Add the first step</span>}</div>}
      </EdgeLabelRenderer>
    </>
  );
}

function WayName({ step, side }: { step: string; side: string }) {
  const { flow, numbers } = useBuilder();
  const found = find(flow, step);
  const outcomes = numbersOf(numbers, step)?.outcomes;
  // Of yes-or-no splits the server counts each way.
  const went = side === "then" ? outcomes?.yes : side === "else" ? (outcomes?.no ?? outcomes?.timed_out) : undefined;
  if (!found) return null;
  return <span className={classes.way}><Said words={wayWords(found, side)} />{went !== undefined && ` · ${compact(went)}`}</span>;
}
