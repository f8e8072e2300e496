// Putting the person on a list, or taking them off one.
import { Text } from "@mantine/core";

import { ListSelect } from "@/conditions";

import { useBuilder } from "../builder";
import type { DrawerProps } from "../drawer";
import { StatusField } from "../fields/StatusField";
import type { AddToList, RemoveFromList } from "../steps";

export function AddToListDrawer({ step, put, wrong }: DrawerProps<AddToList>) {
  const { editable } = useBuilder();
  return (
    <>
      <ListSelect labelled label="Put on" value={step.add_to_list} disabled={!editable} error={wrong("add_to_list")} onChange={(list) => put({ add_to_list: list })} />
      <Text size="xs" c="dimmed">Joining this way starts flows as any other joining does. Consent is not touched.</Text>
      <StatusField value={step.status} onChange={(status) => put({ status })} />
    </>
  );
}

export function RemoveFromListDrawer({ step, put, wrong }: DrawerProps<RemoveFromList>) {
  const { editable } = useBuilder();
  return (
    <>
      <ListSelect labelled label="Take off" value={step.remove_from_list} disabled={!editable} error={wrong("remove_from_list")} onChange={(list) => put({ remove_from_list: list })} />
      <Text size="xs" c="dimmed">Consent is not touched: they stay subscribed.</Text>
      <StatusField value={step.status} onChange={(status) => put({ status })} />
    </>
  );
}
