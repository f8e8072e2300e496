// Whether someone may get email: their consent and how they gave it, suppression, and what comes of both.
import classes from "../conditions.module.css";
import { choices, Choice, ValuesField } from "../fields";
import { type CanReceiveCondition, CONSENT_METHODS, CONSENT_STATES, type ConsentCondition, SUPPRESSION_REASONS, type SuppressedCondition, WINDOWS, WORDS } from "../language";
import { WindowInput } from "../WindowInput";
import type { LeafProps } from "./leaf";

const STATES = { subscribed: "subscribed", unsubscribed: "unsubscribed", never_subscribed: "never subscribed" };

export function ConsentLeaf({ node, onChange, negated, onTurn }: LeafProps<ConsentCondition>) {
  const methods = typeof node.method === "string" ? [node.method] : (node.method ?? []);
  const decided = node.consent !== "never_subscribed";
  const state = (consent: ConsentCondition["consent"]) => {
    if (consent !== "never_subscribed") return onChange({ ...node, consent });
    onChange(Object.fromEntries(Object.entries({ ...node, consent }).filter(([key]) => key !== "method" && !(WINDOWS as readonly string[]).includes(key))) as unknown as ConsentCondition);
  };
  const method = (chosen: string[]) => {
    const { method: _method, ...rest } = node;
    onChange(chosen.length === 0 ? rest : { ...node, method: chosen.length === 1 ? chosen[0] : chosen });
  };
  return (
    <div className={classes.sentence}>
      <Choice label="Is it so, or not" value={negated ? "no" : "yes"} data={[{ value: "yes", label: "consent is" }, { value: "no", label: "consent is not" }]} onChange={(next) => (next === "no") !== negated && onTurn()} />
      <Choice label="Consent" value={node.consent} data={choices(STATES, CONSENT_STATES)} onChange={state} />
      {decided && <span>by</span>}
      {decided && <ValuesField label="Methods" value={methods} onChange={method} suggestions={CONSENT_METHODS} placeholder="any method" />}
      {decided && <WindowInput node={node} onChange={onChange} always="at any time" />}
    </div>
  );
}

export function SuppressedLeaf({ node, onChange }: LeafProps<SuppressedCondition>) {
  const data = [
    { value: "true", label: "is suppressed" },
    { value: "false", label: "is not suppressed" },
    ...SUPPRESSION_REASONS.map((reason) => ({ value: reason as string, label: `is suppressed for ${reason === "user_suppressed" ? "being blocked by hand" : WORDS[reason]}` })),
  ];
  const choose = (value: string) => onChange({ ...node, suppressed: value === "true" ? true : value === "false" ? false : (value as (typeof SUPPRESSION_REASONS)[number]) });
  return (
    <div className={classes.sentence}>
      <Choice label="Suppressed" value={String(node.suppressed)} data={data} onChange={choose} />
      <WindowInput node={node} onChange={onChange} always="at any time" />
    </div>
  );
}

export function CanReceiveLeaf({ node, onChange }: LeafProps<CanReceiveCondition>) {
  const data = [{ value: "true", label: "can receive email" }, { value: "false", label: "cannot receive email" }];
  return <div className={classes.sentence}><Choice label="Can receive email" value={String(node.can_receive)} data={data} onChange={(next) => onChange({ can_receive: next === "true" })} /></div>;
}
