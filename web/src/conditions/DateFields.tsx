// What stands behind "is in the last", "is before", "is in the month of": the span, days or month of a date.
import { Choice, NumberField } from "./fields";
import { dateForm, MONTHS } from "./dates";
import { InstantInput } from "./InstantInput";
import type { Amount, Node, Span } from "./language";
import { SpanInput } from "./SpanInput";

interface Props {
  date: Node;
  onChange: (date: Node) => void;
}

export function DateFields({ date, onChange }: Props) {
  const form = dateForm(date);
  const value = Object.values(date)[0];
  switch (form) {
    case "in_last":
    case "in_next":
    case "at_least_ago":
      return <SpanInput label="How long" value={value as Span} onChange={(span) => onChange({ [form]: span })} />;
    case "between_ago": {
      const [near, far] = value as [Span, Span];
      return (
        <>
          <SpanInput label="Between" value={near} onChange={(span) => onChange({ between_ago: [span, far] })} />
          <span>and</span>
          <SpanInput label="And" value={far} onChange={(span) => onChange({ between_ago: [near, span] })} />
          <span>ago</span>
        </>
      );
    }
    case "since":
    case "before":
      return <InstantInput label="Day" calendar value={value as string} onChange={(day) => onChange({ [form]: day })} />;
    case "between": {
      const [start, end] = value as [string, string];
      return (
        <>
          <InstantInput label="From" calendar value={start} onChange={(day) => onChange({ between: [day, end] })} />
          <span>and before</span>
          <InstantInput label="Until before" calendar value={end} onChange={(day) => onChange({ between: [start, day] })} />
        </>
      );
    }
    case "month":
      return <Choice label="Month" value={String(value)} data={MONTHS.map((label, index) => ({ value: String(index + 1), label }))} onChange={(month) => onChange({ month: Number(month) })} />;
    case "anniversary_in_next":
    case "anniversary_in_last": {
      const direction = form === "anniversary_in_next" ? "in_next" : "in_last";
      const days = (value as Record<string, { days: Amount }>)[direction]!.days;
      return (
        <>
          <NumberField label="Days" value={days} min={1} max={366} onChange={(next) => onChange({ anniversary: { [direction]: { days: next } } })} />
          <span>days</span>
        </>
      );
    }
    default:
      return null;
  }
}
