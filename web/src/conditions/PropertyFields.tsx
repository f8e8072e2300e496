// One test of a property as a part of a sentence: which property, how it is compared, with what. Of people or of events.
import { Choice, NumberField, TextField, ValuesField } from "./fields";
import { DateFields } from "./DateFields";
import { DATE_WORDS, type DateForm, dateForm, withDateForm } from "./dates";
import { useEditing } from "./editing";
import type { Amount, Compared, Node, PropertyTest, Scalar } from "./language";
import { NameSelect } from "./NameSelect";
import { blankTest, listOf, type Operator, operatorGroups, operatorOf, type ValueKind, withOperator, withValue } from "./operators";
import type { Property } from "./vocabulary";

interface Props {
  test: PropertyTest;
  onChange: (test: PropertyTest) => void;
  properties: Property[];
  /** Properties of the event that started the flow, to compare with. */
  started?: Property[];
}

const KIND_WORDS: Record<ValueKind, string> = { text: "text", number: "number", boolean: "yes or no", date: "date", list: "list" };

export function PropertyFields({ test, onChange, properties, started = [] }: Props) {
  const { context, inFlow } = useEditing();
  const operator = operatorOf(test);
  const known = properties.find((one) => one.path === test.property);
  const kind = known?.kind ?? kindOf(operator);
  const choose = (property: string) => {
    const next = properties.find((one) => one.path === property)?.kind ?? kind;
    const suits = operatorGroups(next, context, inFlow).slice(0, 2).some(({ group }) => group === operator?.group);
    onChange(suits && test.property !== "" ? { ...test, property } : blank(property, next, context === "event-filter"));
  };
  const groups = operatorGroups(kind, context, inFlow).map(({ group, items }) => ({
    group,
    items: group === "Date" ? dateItems : items.map((one) => ({ value: one.id, label: one.label })),
  }));
  const form = operator?.id === "date" ? dateForm(test.date) : null;
  const compare = (id: string) => {
    if (!id.startsWith("date:")) return onChange(withOperator(test, id));
    onChange({ property: test.property, date: withDateForm((test.date as Node | undefined) ?? { in_last: { days: 30 } }, id.slice(5) as DateForm) });
  };
  return (
    <>
      <NameSelect
        label="Property"
        placeholder="Choose a property"
        value={test.property}
        onChange={choose}
        choices={properties.map((one) => ({ name: one.path, hint: KIND_WORDS[one.kind] }))}
      />
      {operator && <Choice label="Comparison" value={form ? `date:${form}` : operator.id} data={groups} onChange={compare} />}
      {form && <DateFields date={test.date as Node} onChange={(date) => onChange({ ...test, date })} />}
      {operator && !form && <Value operator={operator} value={test[operator.key]} onChange={(value) => onChange(withValue(test, value))} known={known} started={started} />}
    </>
  );
}

const dateItems = (Object.keys(DATE_WORDS) as DateForm[]).map((form) => ({ value: `date:${form}`, label: DATE_WORDS[form] }));

function kindOf(operator: Operator | null): ValueKind {
  const kinds: Record<string, ValueKind> = { Number: "number", "Yes or no": "boolean", List: "list", Date: "date" };
  return kinds[operator?.group ?? ""] ?? "text";
}

/** Events have no date conditions: theirs are compared as text. */
function blank(property: string, kind: ValueKind, ofEvent: boolean): PropertyTest {
  return blankTest(property, ofEvent && kind === "date" ? "text" : kind);
}

interface ValueProps {
  operator: Operator;
  value: unknown;
  onChange: (value: unknown) => void;
  known?: Property;
  started: Property[];
}

function Value({ operator, value, onChange, known, started }: ValueProps) {
  const suggestions = (known?.values ?? []).map((one) => String(one.value));
  switch (operator.operand) {
    case "text":
      return <TextField label="Value" value={value as string} onChange={onChange} suggestions={suggestions} placeholder="a value" error={value === ""} />;
    case "pattern":
      return <TextField label="Pattern" value={value as string} onChange={onChange} placeholder="^TS-[0-9]{4}$" mono error={value === ""} width="24ch" />;
    case "number":
      return <NumberField label="Value" value={value as Amount} onChange={onChange} width={110} />;
    case "texts":
    case "numbers": {
      const before = value as Scalar[];
      return <ValuesField label="Values" value={before.map(String)} onChange={(tags) => onChange(listOf(tags, before, operator.operand === "numbers"))} suggestions={suggestions} error={before.length === 0} />;
    }
    case "pair": {
      const [low, high] = value as [Amount, Amount];
      return (
        <>
          <NumberField label="From" value={low} onChange={(next) => onChange([next, high])} width={100} />
          <span>and</span>
          <NumberField label="To" value={high} onChange={(next) => onChange([low, next])} width={100} />
        </>
      );
    }
    case "amount": {
      const [comparison, amount] = Object.entries(value as Compared)[0]!;
      return <NumberField label="How many items" value={amount} onChange={(next) => onChange({ [comparison]: next })} min={0} />;
    }
    case "event": {
      const path = (value as { event: string }).event;
      return <NameSelect label="Property of the starting event" placeholder="its property" value={path} onChange={(event) => onChange({ event })} choices={started.map((one) => ({ name: one.path, hint: KIND_WORDS[one.kind] }))} />;
    }
    default:
      return null;
  }
}
