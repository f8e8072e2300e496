// The flow on a phone: read from top to bottom, branches indented.
import { Text } from "@mantine/core";

import { waysOf } from "./branches";
import { useBuilder } from "./builder";
import classes from "./canvas.module.css";
import { Said } from "./Said";
import { StepCard } from "./StepCard";
import type { Step } from "./steps";
import { TriggerCard } from "./TriggerCard";
import { wayWords } from "./words";

export function NarrowFlow() {
  const { flow } = useBuilder();
  return (
    <div className={classes.narrow}>
      <Text size="sm" c="dimmed" mb="xs">Open it on a larger screen to change it.</Text>
      <div className={classes.standing}><TriggerCard /></div>
      <Steps steps={flow.steps} />
    </div>
  );
}

function Steps({ steps }: { steps: readonly Step[] }) {
  return steps.map((step) => (
    <div key={step.id}>
      <div className={classes.standing}><StepCard step={step} /></div>
      {waysOf(step).map((way) => (
        <div key={way.side} className={classes.branch}>
          <span className={classes.way} style={{ width: "fit-content" }}><Said words={wayWords(step, way.side)} /></span>
          {way.steps.length > 0 ? <Steps steps={way.steps} /> : <Text size="sm" c="dimmed" mt={4}>Goes on below.</Text>}
        </div>
      ))}
    </div>
  ));
}
