// A flow in the server's words: what starts it, what ends it, and its steps.
import { List } from "@mantine/core";

import type { components } from "@/api/schema";

import { listed } from "./recipes/RecipeCard";
import { StepsInWords } from "./StepsInWords";

export function FlowInWords({ words }: { words: components["schemas"]["FlowWords"] }) {
  return (
    <>
      <List size="sm" spacing={4} listStyleType="none" withPadding={false}>
        <List.Item><b>Starts when</b> {words.trigger}.</List.Item>
        <List.Item><b>The same person again:</b> {words.again}.</List.Item>
        {words.stops.length > 0 && <List.Item><b>Stops at once on</b> {listed(words.stops)}.</List.Item>}
        {words.only_while && <List.Item><b>Only while</b> {words.only_while}.</List.Item>}
      </List>
      <StepsInWords lines={words.steps} />
    </>
  );
}
