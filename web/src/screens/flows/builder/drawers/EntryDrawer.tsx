// Who may enter: again or not, once for each cart or order, who is left out to compare with, and who writes first.
import { NumberInput, Radio, Select, Stack, TextInput } from "@mantine/core";

import { useBuilder } from "../builder";
import { without } from "../document";
import { useProblems, wrongAt } from "../drawer";
import { SpanField } from "../fields/SpanField";
import { usualAgain } from "../head";
import type { Definition, Entry, Priority } from "../steps";

const PRIORITIES: { value: Priority; label: string }[] = [
  { value: "checkout", label: "Checkout: first of all" }, { value: "cart", label: "Cart" }, { value: "product", label: "Product" }, { value: "site", label: "Site" }, { value: "none", label: "None: takes no part in it" },
];

const MERGES = [{ value: "ignore", label: "Go on as it began" }, { value: "restart", label: "Begin anew" }, { value: "replace", label: "Go on, with the new event's data" }];

export function EntryDrawer() {
  const { flow, edit } = useBuilder();
  const problems = useProblems("");
  const wrong = (field: string) => wrongAt(problems, `entry.${field}`);
  const entry: Entry = flow.entry ?? {};
  const put = (fields: Partial<Entry>, about?: string) => {
    const next = without({ ...entry, ...fields });
    edit(without({ ...flow, entry: Object.keys(next).length > 0 ? next : undefined }) as Definition, about && `entry ${about}`);
  };
  const again = entry.again ?? usualAgain(flow);
  const way = typeof again === "object" ? "after" : again;
  const byEvent = flow.trigger.metric !== undefined || flow.trigger.price_drop !== undefined || flow.trigger.low_stock !== undefined || flow.trigger.api !== undefined;
  return (
    <Stack>
      <Radio.Group label={entry.key ? `The same ${entry.key} may enter` : "The same person may enter"} value={way} onChange={(next) => put({ again: next === "after" ? { after: { days: 14 } } : (next as "never" | "always") })} error={wrong("again")}>
        <Stack gap="xs" mt="xs">
          <Radio value="never" label="Once" />
          <Radio value="always" label="Any number of times" description="Not while they are inside." />
          <Radio value="after" label="Again after a time" />
        </Stack>
      </Radio.Group>
      {typeof again === "object" && <SpanField label="At the earliest after" value={again.after} onChange={(after) => put({ again: { after } }, "again")} error={wrong("again.after")} />}
      {(byEvent || entry.key) && <TextInput label="One run for each" description="A property of the event: cart_id, order_id. Left empty: one run for each person." value={entry.key ?? ""} error={wrong("key")} onChange={(event) => put({ key: event.currentTarget.value || undefined, merge: event.currentTarget.value ? entry.merge : undefined }, "key")} />}
      {entry.key && <Select label="The same one comes again while it runs" data={MERGES} value={entry.merge ?? "ignore"} allowDeselect={false} error={wrong("merge")} onChange={(merge) => put({ merge: merge as Entry["merge"] })} />}
      <NumberInput label="Hold out" description="Always the same people, who get nothing of this flow, to measure it against." suffix=" % of people" min={0} max={90} value={entry.holdout ?? 0} error={wrong("holdout")} onChange={(holdout) => put({ holdout: Number(holdout) || undefined }, "holdout")} />
      <Select label="When several flows want to write to one person" description="The higher one writes; the others wait or leave the email out." data={PRIORITIES} value={flow.priority ?? "none"} allowDeselect={false} error={wrongAt(problems, "priority")} onChange={(priority) => edit({ ...flow, priority: priority as Priority })} />
    </Stack>
  );
}
