// What starts the flow: an event, a list, a segment, a date, a price, stock, a call, or somebody by hand.
import { Select, Stack } from "@mantine/core";
import { createElement } from "react";

import { useBuilder } from "../builder";
import { useProblems, wrongAt } from "../drawer";
import type { Trigger } from "../steps";
import { ByCall, ByDate, ByList, ByMetric, BySegment } from "./triggers";
import { ByPrice, ByStock } from "./shelfTriggers";

const KINDS = ["metric", "list", "segment", "date", "price_drop", "low_stock", "api", "manual"] as const;
type TriggerKind = (typeof KINDS)[number];

const LABELS: Record<TriggerKind, string> = {
  metric: "Something happens (an event)", list: "Someone joins a list", segment: "Someone enters or leaves a segment", date: "A date comes", price_drop: "A price drops",
  low_stock: "Stock runs low", api: "Another system calls for it", manual: "People are added by hand",
};
const BEGINS: Record<TriggerKind, Trigger> = {
  metric: { metric: "" },
  list: { list: "" },
  segment: { segment: "" },
  date: { date: "", repeat: "yearly", at: "09:00" },
  price_drop: { price_drop: { percent: 10 }, audience: ["viewed", "checkout"], within: { days: 30 } },
  low_stock: { low_stock: { at_most: 10 }, audience: ["viewed", "checkout"], within: { days: 30 } },
  api: { api: {} },
  manual: { manual: {} },
};

const FIELDS = { metric: ByMetric, list: ByList, segment: BySegment, date: ByDate, price_drop: ByPrice, low_stock: ByStock, api: ByCall, manual: ByCall };

export function TriggerDrawer() {
  const { flow, edit } = useBuilder();
  const problems = useProblems("");
  const { trigger } = flow;
  const kind = KINDS.find((one) => one in trigger);
  const put = (next: Trigger, about?: string) => edit({ ...flow, trigger: next }, about && `trigger ${about}`);
  const given = { trigger, put, problems, wrong: (field: string) => wrongAt(problems, `trigger.${field}`) };
  return (
    <Stack>
      <Select label="What starts it" placeholder="Choose" required data={KINDS.map((value) => ({ value, label: LABELS[value] }))} value={kind ?? null} allowDeselect={false} error={kind ? undefined : wrongAt(problems, "trigger")} onChange={(next) => next && next !== kind && put(BEGINS[next as TriggerKind])} />
      {kind && createElement(FIELDS[kind], given)}
    </Stack>
  );
}
