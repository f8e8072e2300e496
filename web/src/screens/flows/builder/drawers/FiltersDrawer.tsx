// Whom the flow is for: asked at entry, before every step and at every send.
import { Text } from "@mantine/core";

import { useBuilder } from "../builder";
import { without } from "../document";
import { useProblems } from "../drawer";
import { AsksPerson } from "../fields/Asks";
import type { Definition } from "../steps";

export function FiltersDrawer() {
  const { flow, edit } = useBuilder();
  const problems = useProblems("");
  const put = (filters: Definition["profile_filters"]) => {
    const none = Array.isArray(filters) && filters.length === 0;
    edit(without({ ...flow, profile_filters: none ? undefined : filters }) as Definition, "profile_filters");
  };
  return (
    <>
      <Text size="xs" c="dimmed">Asked when somebody would enter, before every step, and at every send. Who does not fit any more leaves the flow.</Text>
      <AsksPerson label="Only people who fit" value={flow.profile_filters ?? []} onChange={put} path="profile_filters" problems={problems} />
    </>
  );
}
