// An instant, in the brand's zone, which its title names.
import { Text, type TextProps } from "@mantine/core";

import { useTimes } from "./times";

interface Props extends TextProps {
  at: string | null | undefined;
  /** "date" leaves the time of day out. */
  as?: "moment" | "date" | "time";
}

export function Moment({ at, as = "moment", ...text }: Props) {
  const times = useTimes();
  if (!at) return <Text span inherit c="dimmed">–</Text>;
  return (
    <Text span inherit={text.size === undefined} {...text}>
      <time dateTime={at} title={times.whole(at)} className="numbers">{times[as](at)}</time>
    </Text>
  );
}
