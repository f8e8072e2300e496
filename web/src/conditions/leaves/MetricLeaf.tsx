// What someone did, or did not: how often, or for how much in total, when, and with which properties.
import { useBrand } from "@/app/session";

import classes from "../conditions.module.css";
import { choices, Choice, NumberField } from "../fields";
import { join } from "../groups";
import { type Comparison, COMPARISONS, type Compared, type MetricCondition } from "../language";
import { MetricSelect } from "../MetricSelect";
import { COMPARISON_WORDS } from "../operators";
import { AddFilter, WhereEditor } from "../WhereEditor";
import { WindowInput } from "../WindowInput";
import type { LeafProps } from "./leaf";

const MEASURES = { did: "has done", did_not: "has not done", sum: "has in total, of" };
type Measure = keyof typeof MEASURES;

export function MetricLeaf({ node, onChange, path }: LeafProps<MetricCondition>) {
  const measure = measureOf(node);
  const compared = (measure === "sum" ? node.sum : node.count) ?? { at_least: 1 };
  const { currency } = useBrand();
  const filter = (where: MetricCondition["where"] | undefined) => onChange(withWhere(node, where));
  const put = (next: Compared) => onChange(measure === "sum" ? { ...node, sum: next } : { ...node, count: next });
  return (
    <>
      <div className={classes.sentence}>
        <Choice label="Did it or not" value={measure} data={choices(MEASURES)} onChange={(next) => onChange(measured(node, next))} />
        <MetricSelect value={node.metric} onChange={(metric) => onChange({ ...node, metric })} error={!node.metric} />
        {measure !== "did_not" && <ComparedFields value={compared} onChange={put} />}
        {measure === "did" && <span>{Object.values(compared)[0] === 1 ? "time" : "times"}</span>}
        {measure === "sum" && <span>{currency}</span>}
        <WindowInput node={node} onChange={onChange} />
        {node.where == null && <AddFilter metric={node.metric} value={node.where} onChange={filter} />}
      </div>
      <WhereEditor metric={node.metric} value={node.where} onChange={filter} path={join(path, "where")} />
    </>
  );
}

export function ComparedFields({ value, onChange }: { value: Compared; onChange: (value: Compared) => void }) {
  const [comparison, amount] = Object.entries(value)[0] as [Comparison, number | null];
  return (
    <>
      <Choice label="How many" value={comparison} data={choices(COMPARISON_WORDS, COMPARISON_ORDER)} onChange={(next) => onChange({ [next]: amount })} />
      <NumberField label="Number" value={amount} onChange={(next) => onChange({ [comparison]: next })} />
    </>
  );
}

const COMPARISON_ORDER = Object.keys(COMPARISON_WORDS).filter((one) => (COMPARISONS as readonly string[]).includes(one)) as Comparison[];

function measureOf(node: MetricCondition): Measure {
  if (node.sum) return "sum";
  return node.count && "equals" in node.count && node.count.equals === 0 ? "did_not" : "did";
}

function measured(node: MetricCondition, measure: Measure): MetricCondition {
  const { count: _count, sum: _sum, ...rest } = node;
  if (measure === "did_not") return { ...rest, count: { equals: 0 } };
  return measure === "sum" ? { ...rest, sum: { at_least: 100 } } : { ...rest, count: { at_least: 1 } };
}

export function withWhere<Holder extends { where?: unknown }>(node: Holder, where: Holder["where"] | undefined): Holder {
  if (where !== undefined) return { ...node, where };
  const { where: _where, ...rest } = node;
  return rest as Holder;
}
