// A split by the event that started the flow: yes, or no.
import { Alert, Text } from "@mantine/core";

import { useBuilder } from "../builder";
import type { DrawerProps } from "../drawer";
import { AsksTrigger } from "../fields/Asks";
import type { TriggerSplit } from "../steps";

export function TriggerSplitDrawer({ step, put, problems, wrong }: DrawerProps<TriggerSplit>) {
  const { flow } = useBuilder();
  return (
    <>
      {flow.trigger.metric === undefined && <Alert color="yellow" py="xs">This flow is not started by an event of the person; there may be little to ask of it.</Alert>}
      <AsksTrigger label={flow.trigger.metric ? `Yes, if the ${flow.trigger.metric} event` : "Yes, if its event"} value={step.if_event} onChange={(if_event) => put({ if_event }, "if_event")} path="if_event" problems={problems} />
      {wrong("if_event") && <Text size="sm" c="var(--mantine-color-red-light-color)">{wrong("if_event")}</Text>}
      <Text size="xs" c="dimmed">The event does not change, so everybody goes the way that it decides.</Text>
    </>
  );
}
