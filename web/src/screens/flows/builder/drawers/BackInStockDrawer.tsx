// Waiting until the product of the event can be bought again.
import { NumberInput, Switch, Text } from "@mantine/core";

import { without } from "../document";
import type { DrawerProps } from "../drawer";
import { SpanField } from "../fields/SpanField";
import type { BackInStock } from "../steps";

export function BackInStockDrawer({ step, put, wrong }: DrawerProps<BackInStock>) {
  const asked = step.back_in_stock;
  const set = (fields: Partial<BackInStock["back_in_stock"]>, about?: string) => put({ back_in_stock: without({ ...asked, ...fields }) }, about);
  const batches = asked.people_per_unit !== undefined && asked.people_per_unit !== null;
  return (
    <>
      <NumberInput label="When at least so many are in stock" min={1} max={1_000_000} value={asked.minimum_stock ?? 1} error={wrong("back_in_stock.minimum_stock")} onChange={(next) => set({ minimum_stock: Number(next) || 1 }, "minimum")} />
      <Switch label="Tell them in batches" description="The longest waiting first, as many as there is stock for." checked={batches} onChange={(event) => set({ people_per_unit: event.currentTarget.checked ? 5 : undefined, every: event.currentTarget.checked ? { minutes: 15 } : undefined })} />
      {batches && (
        <>
          <NumberInput label="People for each one in stock" min={1} max={10_000} value={asked.people_per_unit!} error={wrong("back_in_stock.people_per_unit")} onChange={(next) => set({ people_per_unit: Number(next) || 1 }, "per unit")} />
          <SpanField label="A batch every" value={asked.every ?? { minutes: 15 }} onChange={(every) => set({ every }, "every")} error={wrong("back_in_stock.every")} />
        </>
      )}
      <SpanField label="Give up after" value={asked.give_up_after ?? { days: 180 }} onChange={(give_up_after) => set({ give_up_after }, "give up")} error={wrong("back_in_stock.give_up_after")} />
      <Text size="xs" c="dimmed">The product is the event's variant_id, or else its product_id.</Text>
    </>
  );
}
