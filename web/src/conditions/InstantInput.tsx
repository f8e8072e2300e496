// A day, or a moment of one, on the brand's clock. Days of dates are the brand's calendar; other instants say their offset.
import { ActionIcon, TextInput, Tooltip } from "@mantine/core";
import { IconClock, IconX } from "@tabler/icons-react";

import { useTimes } from "@/ui/times";
import { fieldOf, offsetInstantOf } from "@/ui/zoned";

import { useEditing, useTold } from "./editing";

interface Props {
  label: string;
  value: string;
  onChange: (value: string) => void;
  /** A plain day is one of the brand's calendar; without this it is an instant. */
  calendar?: boolean;
}

const DAY = /^\d{4}-\d\d-\d\d$/;

export function InstantInput({ label, value, onChange, calendar = false }: Props) {
  const { zone } = useTimes();
  const { readOnly } = useEditing();
  const told = useTold();
  const day = calendar && DAY.test(value);
  const shown = value === "" || day ? value : fieldOf(value, zone);
  const whole = value === "" || day || (!calendar && shown.endsWith("T00:00"));
  const write = (typed: string) => {
    if (typed === "") return onChange("");
    if (whole) return onChange(calendar ? typed : offsetInstantOf(`${typed}T00:00`, zone));
    onChange(offsetInstantOf(typed.slice(0, 16), zone));
  };
  const withTime = () => onChange(offsetInstantOf(`${shown.slice(0, 10)}T${whole ? "09" : "00"}:00`, zone));
  const withoutTime = () => onChange(calendar ? shown.slice(0, 10) : offsetInstantOf(`${shown.slice(0, 10)}T00:00`, zone));
  const toggle = whole ? "Give a time of day" : "Leave the time of day out";
  return (
    <TextInput
      size="xs"
      type={whole ? "date" : "datetime-local"}
      aria-label={`${label} (${zone})`}
      title={`In the brand's time zone, ${zone}`}
      value={whole ? shown.slice(0, 10) : shown}
      onChange={(event) => write(event.currentTarget.value)}
      error={told && value === ""}
      disabled={readOnly}
      w={whole ? 158 : 212}
      rightSection={
        value !== "" && !readOnly ? (
          <Tooltip label={toggle}>
            <ActionIcon size="sm" aria-label={toggle} onClick={whole ? withTime : withoutTime}>{whole ? <IconClock size={14} /> : <IconX size={14} />}</ActionIcon>
          </Tooltip>
        ) : null
      }
    />
  );
}
