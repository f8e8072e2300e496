// What stands at a spot of the drawing: the trigger, a step, the end, or the point where branches meet.
import type { NodeProps } from "@xyflow/react";
import { IconFlagCheck } from "@tabler/icons-react";

import { people } from "@/ui/formats";

import { useBuilder } from "./builder";
import classes from "./canvas.module.css";
import { find } from "./document";
import { StepCard } from "./StepCard";
import { TriggerCard } from "./TriggerCard";

export function CanvasNode({ type, data }: NodeProps) {
  const { flow, numbers } = useBuilder();
  if (type === "trigger") return <TriggerCard />;
  if (type === "join") return <div className={classes.join} />;
  if (type === "end") return <div className={classes.end}><IconFlagCheck size={15} aria-hidden />{numbers ? `End · ${people(numbers.completed)} went through` : "End"}</div>;
  const step = find(flow, data.step as string);
  return step ? <StepCard step={step} /> : null;
}
