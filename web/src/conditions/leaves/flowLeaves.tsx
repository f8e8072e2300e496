// What only flows know: the state of a person's coupon code, and whether they entered another flow.
import classes from "../conditions.module.css";
import { choices, Choice } from "../fields";
import { type CouponCondition, type InFlowCondition, WINDOWS } from "../language";
import { NameSelect } from "../NameSelect";
import { SpanInput } from "../SpanInput";
import { useCouponNames, useFlowNames } from "../vocabulary";
import { WindowInput } from "../WindowInput";
import type { LeafProps } from "./leaf";

const STATES = { assigned: "was given", valid: "holds a valid code of", redeemed: "redeemed", expired: "let expire" };

export function CouponLeaf({ node, onChange, negated, onTurn }: LeafProps<CouponCondition>) {
  const names = useCouponNames();
  const { state = "assigned" } = node;
  const timed = state === "assigned" || state === "redeemed";
  const choose = (next: keyof typeof STATES) => {
    const windows = next === "assigned" || next === "redeemed" ? [] : (WINDOWS as readonly string[]);
    const kept = Object.entries({ ...node, state: next }).filter(([key]) => !windows.includes(key) && (key !== "left_at_least" || next === "valid"));
    onChange(Object.fromEntries(kept) as unknown as CouponCondition);
  };
  const left = (asked: string) => {
    const { left_at_least: _left, ...rest } = node;
    onChange(asked === "any" ? rest : { ...node, left_at_least: { hours: 24 } });
  };
  return (
    <div className={classes.sentence}>
      {negated && <Choice label="Is it so, or not" value="no" data={[{ value: "no", label: "not:" }, { value: "yes", label: "it is so:" }]} onChange={onTurn} />}
      <Choice label="State of the coupon" value={state} data={choices(STATES)} onChange={choose} />
      <NameSelect label="Coupon" placeholder="Choose a coupon" value={node.coupon} onChange={(coupon) => onChange({ ...node, coupon })} choices={[{ name: "any", hint: "whichever" }, ...names.map((name) => ({ name }))]} error={!node.coupon} />
      {timed && <WindowInput node={node} onChange={onChange} always="at any time" />}
      {state === "valid" && <Choice label="Time left" value={node.left_at_least ? "left" : "any"} data={[{ value: "any", label: "whatever time is left" }, { value: "left", label: "with time left, at least" }]} onChange={left} />}
      {node.left_at_least && <SpanInput label="Time left" value={node.left_at_least} onChange={(span) => onChange({ ...node, left_at_least: span })} />}
    </div>
  );
}

export function InFlowLeaf({ node, onChange, negated, onTurn }: LeafProps<InFlowCondition>) {
  const flows = useFlowNames();
  const key = node.not_in_flow === undefined ? "in_flow" : "not_in_flow";
  const { in_flow: _in, not_in_flow: _not, ...window } = node;
  const slug = node[key] ?? "";
  const entered = (key === "in_flow") !== negated;
  // "not entered" and "not_in_flow" say the same: without a "not" around it, the key changes; with one, it goes.
  const turn = () => (negated ? onTurn() : onChange({ [key === "in_flow" ? "not_in_flow" : "in_flow"]: slug, ...window }));
  return (
    <div className={classes.sentence}>
      <Choice label="Entered or not" value={entered ? "yes" : "no"} data={[{ value: "yes", label: "entered the flow" }, { value: "no", label: "has not entered the flow" }]} onChange={(next) => (next === "yes") !== entered && turn()} />
      <NameSelect label="Flow" placeholder="Choose a flow" value={slug} onChange={(next) => onChange({ [key]: next, ...window })} choices={flows.map((one) => ({ name: one.value, hint: one.label }))} error={!slug} />
      <WindowInput node={node} onChange={onChange} always="at any time" />
    </div>
  );
}
