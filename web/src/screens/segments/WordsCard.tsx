// The definition in words, to check that it asks what was meant.
import { Card, Text } from "@mantine/core";

import { ConditionSummary, type Tree } from "@/conditions";

export function WordsCard({ definition }: { definition: Tree }) {
  return (
    <Card component="section" aria-label="In words" p="md">
      <Text component="h2" fw={650} fz="sm" c="dimmed" mb={6}>In words</Text>
      <ConditionSummary value={definition} context="segment" />
    </Card>
  );
}
