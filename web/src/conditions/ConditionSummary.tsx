// What a definition asks, as a sentence. The server words it, so that it is the same everywhere.
import { Skeleton, Text, type TextProps } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";

import { query } from "@/api/client";

import type { Context, Tree } from "./language";
import { unfinished } from "./problems";

interface Props extends TextProps {
  value: Tree;
  context: Context;
  /** Before the sentence: "Only when". */
  before?: string;
}

export function ConditionSummary({ value, context, before, ...text }: Props) {
  const [asked] = useDebouncedValue(value, 300);
  const open = unfinished(asked, context).length > 0;
  const { data, error, isPending } = query.useQuery("post", "/api/v1/segments/describe", { body: { definition: asked, context } }, { enabled: !open, staleTime: Infinity, retry: false });
  if (open || error) return <Text size="sm" c="dimmed" {...text}>{before ? `${before} ` : ""}…</Text>;
  if (isPending) return <Skeleton height={14} my={4} />;
  return <Text size="sm" style={{ overflowWrap: "anywhere" }} {...text}>{before ? `${before} ${data.description}` : capital(data.description)}.</Text>;
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
