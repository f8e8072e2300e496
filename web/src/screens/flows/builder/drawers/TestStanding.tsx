// How a test stands: what each email achieved, how likely it is the best, and whether one has won.
import { Paper, Progress, Stack, Text } from "@mantine/core";
import { IconTrophy } from "@tabler/icons-react";

import { count, counted, rate } from "@/ui/formats";

import { numbersOf, useBuilder } from "../builder";
import type { AbTest } from "../steps";

export function TestStanding({ step }: { step: AbTest }) {
  const { numbers } = useBuilder();
  const test = numbersOf(numbers, step.id)?.test;
  if (!test || test.variations.every((one) => one.sent === 0)) return null;
  const name = (id: string) => step.ab_test.find((email) => email.id === id)?.name ?? id;
  return (
    <Paper withBorder p="sm">
      <Stack gap="xs">
        <Text size="sm" fw={600}>
          {test.winner ? <><IconTrophy size={15} style={{ verticalAlign: "-2px" }} aria-hidden /> “{name(test.winner.variation)}” has won{test.winner.by_time ? ", because its time was up" : ""}</> : `Undecided yet, by ${test.by}`}
        </Text>
        {test.variations.map((one) => (
          <div key={one.step}>
            <Text size="xs" className="numbers">{name(one.step)}: {count(one.hits)} of {counted(one.sent, "email")} ({rate(one.hits, one.sent)}), best with {(100 * one.chance).toFixed(0)} % certainty</Text>
            <Progress value={100 * one.chance} size="sm" aria-label={`How likely ${name(one.step)} is the best`} />
          </div>
        ))}
      </Stack>
    </Paper>
  );
}
