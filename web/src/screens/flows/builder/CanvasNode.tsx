// What stands at a spot of the drawing: the trigger, a step, the end, or the point where branches meet.
import { IconFlagCheck } from "@tabler/icons-react";
import { Handle, type NodeProps, Position } from "@xyflow/react";

import { people } from "@/ui/formats";

import { useBuilder } from "./builder";
import classes from "./canvas.module.css";
import { find } from "./document";
import { StepCard } from "./StepCard";
import { TriggerCard } from "./TriggerCard";

/** Lines begin and end here, without anything to be seen or dragged. */
export function CanvasNode(props: NodeProps) {
  return (
    <>
      <Handle type="target" position={Position.Top} className={classes.handle} isConnectable={false} />
      <What {...props} />
      <Handle type="source" position={Position.Bottom} className={classes.handle} isConnectable={false} />
    </>
  );
}

function What({ type, data }: NodeProps) {
  const { flow, numbers } = useBuilder();
  if (type === "trigger") return <TriggerCard />;
  if (type === "join") return <div className={classes.join} />;
  if (type === "end") return <div className={classes.end}><IconFlagCheck size={15} aria-hidden />{numbers ? `End · ${people(numbers.completed)} went through` : "End"}</div>;
  const step = find(flow, data.step as string);
  return step ? <StepCard step={step} /> : null;
}
