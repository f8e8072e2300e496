// The numbers on a step's card: what became of its emails, or how many came; and why some were skipped.
import { Popover, Stack, Table, Text, UnstyledButton } from "@mantine/core";

import { useBrand } from "@/app/session";
import { compact, count, counted, money, words } from "@/ui/formats";

import type { EmailNumbers, StepNumbers } from "./builder";
import classes from "./canvas.module.css";
import { skips } from "./sizes";

const share = (rate: number | null) => (rate === null ? "–" : `${(100 * rate).toFixed(rate > 0.9995 ? 0 : 1)} %`);

/** Of an email: sent, opened, clicked, revenue; and below it who was skipped. */
export function EmailStrip({ numbers }: { numbers: EmailNumbers }) {
  const { currency } = useBrand();
  const told: [string, string, string][] = [
    ["Sent", compact(numbers.sent), `${counted(numbers.sent, "email")} sent, ${count(numbers.planned)} still to go, ${count(numbers.bounced)} bounced`],
    ["Opened", share(numbers.rates.opened), `${count(numbers.opened)} of ${count(numbers.delivered)} delivered, without machine opens`],
    ["Clicked", share(numbers.rates.clicked), `${count(numbers.clicked)} of ${count(numbers.delivered)} delivered`],
    ["Revenue", money(numbers.revenue, currency), `${counted(numbers.converted, "order")} within five days of this email`],
  ];
  return (
    <dl className={`${classes.strip} numbers`} style={{ marginBlock: 0 }}>
      {told.map(([label, value, whole]) => (
        <div key={label} title={whole}><dt>{label}</dt><dd>{value}</dd></div>
      ))}
    </dl>
  );
}

export function StepFoot({ numbers }: { numbers: StepNumbers }) {
  const skipped = skips(numbers);
  if (numbers.email && skipped === 0) return null;
  return (
    <div className={`${classes.foot} numbers`}>
      {!numbers.email && <span>{counted(numbers.came, "person", "people")} came</span>}
      {skipped > 0 && <Skipped reasons={numbers.email!.skipped} total={skipped} />}
    </div>
  );
}

export function Skipped({ reasons, total }: { reasons: Record<string, number>; total: number }) {
  return (
    <Popover width={300} position="bottom-start" shadow="md" withinPortal trapFocus>
      <Popover.Target><UnstyledButton className={`${classes.small} nopan nodrag`}>{count(total)} skipped</UnstyledButton></Popover.Target>
      <Popover.Dropdown>
        <Stack gap="xs">
          <Text size="sm" fw={600}>Why {counted(total, "email")} did not go</Text>
          <Table fz="sm" verticalSpacing={4} withRowBorders={false}>
            <Table.Tbody>
              {Object.entries(reasons).toSorted(([, one], [, other]) => other - one).map(([reason, many]) => (
                <Table.Tr key={reason}><Table.Td pl={0}>{words(reason)}</Table.Td><Table.Td ta="right" pr={0} className="numbers">{count(many)}</Table.Td></Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
