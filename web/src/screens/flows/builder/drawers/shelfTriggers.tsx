// The fields of triggers that are about a product: its price drops, or its stock runs low.
import { Group, Input, MultiSelect, NumberInput, SegmentedControl } from "@mantine/core";

import { FilterEditor } from "@/conditions";

import { useBuilder } from "../builder";
import { without } from "../document";
import { SpanField } from "../fields/SpanField";
import type { Trigger } from "../steps";
import type { TriggerProps } from "./triggers";

const AUDIENCE = [{ value: "viewed", label: "Looked at it" }, { value: "cart", label: "Put it in the cart" }, { value: "checkout", label: "Began to check out" }];

export function ByPrice(props: TriggerProps) {
  const { trigger, put, wrong } = props;
  const { price_drop: drop = {} } = trigger;
  const percent = !("amount" in drop);
  const value = percent ? drop.percent : drop.amount;
  return (
    <>
      <Input.Wrapper label="Cheaper by at least" labelElement="div" error={wrong("price_drop")}>
        <Group gap="xs" mt={4} wrap="nowrap">
          <NumberInput aria-label="Cheaper by at least" value={value ?? ""} min={0} max={percent ? 99 : undefined} suffix={percent ? " %" : ""} style={{ flex: 1 }} onChange={(next) => put({ ...trigger, price_drop: percent ? { percent: Number(next) || 0 } : { amount: Number(next) || 0 } }, "drop")} />
          <SegmentedControl aria-label="Counted in" value={percent ? "percent" : "amount"} onChange={(next) => put({ ...trigger, price_drop: next === "percent" ? { percent: value ?? 10 } : { amount: value ?? 10 } })} data={[{ value: "percent", label: "Percent" }, { value: "amount", label: "Currency" }]} />
        </Group>
      </Input.Wrapper>
      <Shoppers {...props} />
    </>
  );
}

export function ByStock(props: TriggerProps) {
  const { trigger, put, wrong } = props;
  return (
    <>
      <NumberInput label="When stock falls to" value={trigger.low_stock?.at_most ?? ""} min={1} max={1_000_000} error={wrong("low_stock")} onChange={(next) => put({ ...trigger, low_stock: { at_most: Number(next) || 1 } }, "stock")} />
      <Shoppers {...props} />
    </>
  );
}

/** For whom: those who did something with the product. */
function Shoppers({ trigger, put, problems, wrong }: TriggerProps) {
  const { editable } = useBuilder();
  return (
    <>
      <MultiSelect label="For people who" data={AUDIENCE} value={trigger.audience ?? ["viewed", "checkout"]} error={wrong("audience")} onChange={(audience) => put({ ...trigger, audience: audience as Trigger["audience"] })} />
      <SpanField label="Within the last" value={trigger.within ?? { days: 30 }} onChange={(within) => put({ ...trigger, within }, "within")} error={wrong("within")} />
      <Input.Wrapper label="Which products" description="Without a filter, all of them." labelElement="div">
        <FilterEditor metric={trigger.price_drop ? "Price Dropped" : "Low in Stock"} value={trigger.where} onChange={(where) => put(without({ ...trigger, where }), "where")} problems={problems} path="trigger.where" readOnly={!editable} />
      </Input.Wrapper>
    </>
  );
}
