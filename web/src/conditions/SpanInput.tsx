// A span of time: an amount and its unit. Spans of several units show all of them.
import classes from "./conditions.module.css";
import { Choice, NumberField } from "./fields";
import { type Amount, type Span, type Unit, UNITS } from "./language";

interface Props {
  label: string;
  value: Span;
  onChange: (value: Span) => void;
  units?: readonly Unit[];
}

export function SpanInput({ label, value, onChange, units = UNITS }: Props) {
  const parts = Object.entries(value) as [Unit, Amount][];
  const change = (place: number, unit: Unit, amount: Amount) => onChange(Object.fromEntries(parts.map((part, index) => (index === place ? [unit, amount] : part))));
  return parts.map(([unit, amount], index) => {
    const others = parts.filter((_, other) => other !== index).map(([name]) => name);
    return (
      <span key={index} className={classes.pair}>
        <NumberField label={`${label}: how many`} value={amount} onChange={(next) => change(index, unit, next)} min={0} width={64} />
        <Choice label={`${label}: unit`} value={unit} data={units.filter((one) => !others.includes(one)).map((one) => ({ value: one, label: one }))} onChange={(next) => change(index, next, amount)} />
      </span>
    );
  });
}
