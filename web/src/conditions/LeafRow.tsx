// One condition on its card: what kind it is, its sentence, what can be done with it, and what is wrong with it.
import { ActionIcon, Badge, Group, Menu, Text, ThemeIcon } from "@mantine/core";
import { IconArrowsExchange, IconBraces, IconBracketsContain, IconCopy, IconDots, IconTrash } from "@tabler/icons-react";
import { useState } from "react";

import { ICONS } from "./blanks";
import classes from "./conditions.module.css";
import { ToldContext, useEditing, useWrong } from "./editing";
import { join } from "./groups";
import type { Context } from "./language";
import { CanReceiveLeaf, ConsentLeaf, SuppressedLeaf } from "./leaves/emailLeaves";
import { CouponLeaf, InFlowLeaf } from "./leaves/flowLeaves";
import { JsonLeaf } from "./leaves/JsonLeaf";
import { MetricLeaf } from "./leaves/MetricLeaf";
import { ListLeaf, NearLeaf, PropertyLeaf, RegionLeaf, SampleLeaf, SegmentLeaf } from "./leaves/personLeaves";
import { SequenceLeaf } from "./leaves/SequenceLeaf";
import { type Reading, read, turned, withLeaf } from "./reading";
import { EventTest } from "./EventTest";

interface Props {
  tree: unknown;
  path: string;
  onChange: (tree: unknown) => void;
  onRemove?: () => void;
  onCopy: () => void;
  onGroup: () => void;
}

export function LeafRow({ tree, path, onChange, onRemove, onCopy, onGroup }: Props) {
  const { context, readOnly } = useEditing();
  const [asJson, setAsJson] = useState(false);
  const reading = read(tree, context);
  const wrong = useWrong(path);
  const { icon: Mark, color } = ICONS[asJson ? "json" : reading.kind];
  return (
    <div className={classes.row} data-wrong={wrong ? true : undefined}>
      <ThemeIcon className={classes.icon} variant="light" color={color} size={30} aria-hidden><Mark size={17} stroke={1.8} /></ThemeIcon>
      <div className={classes.body}>
        {reading.negated && !TURNS_ITSELF.has(reading.kind) && !asJson && <Badge color="red" mb={6}>Not</Badge>}
        {asJson || reading.kind === "json" ? (
          <JsonLeaf node={tree} onChange={onChange} />
        ) : (
          <ToldContext value={wrong !== undefined}>
            <Form reading={reading} context={context} onChange={(node) => onChange(withLeaf(tree, node, context))} onTurn={() => onChange(turned(tree, context))} path={join(path, reading.negated ? "not" : "")} />
          </ToldContext>
        )}
        {wrong && <Text size="xs" c="var(--mantine-color-red-light-color)" mt={6} role="status">{wrong}</Text>}
      </div>
      {!readOnly && (
        <Group gap={2} wrap="nowrap">
          <Menu position="bottom-end" shadow="md" withinPortal>
            <Menu.Target><ActionIcon aria-label="More about this condition"><IconDots size={17} /></ActionIcon></Menu.Target>
            <Menu.Dropdown>
              <Menu.Item leftSection={<IconCopy size={15} />} onClick={onCopy}>Duplicate</Menu.Item>
              <Menu.Item leftSection={<IconBracketsContain size={15} />} onClick={onGroup}>Put into a group</Menu.Item>
              {reading.kind !== "json" && <Menu.Item leftSection={<IconArrowsExchange size={15} />} onClick={() => onChange(turned(tree, context))}>Turn into its opposite</Menu.Item>}
              {reading.kind !== "json" && <Menu.Item leftSection={<IconBraces size={15} />} onClick={() => setAsJson(!asJson)}>{asJson ? "Edit as a form" : "Edit as JSON"}</Menu.Item>}
            </Menu.Dropdown>
          </Menu>
          {onRemove && <ActionIcon aria-label="Remove this condition" onClick={onRemove}><IconTrash size={16} /></ActionIcon>}
        </Group>
      )}
    </div>
  );
}

/** Those whose own words say "not". */
const TURNS_ITSELF = new Set(["list", "segment", "region", "near", "sample", "consent", "coupon", "in_flow", "sequence"]);

interface FormProps {
  reading: Reading;
  context: Context;
  onChange: (node: unknown) => void;
  onTurn: () => void;
  path: string;
}

function Form({ reading, context, ...rest }: FormProps) {
  const props = { negated: reading.negated, ...rest };
  if (context === "event-filter" && reading.kind === "property") return <EventTest node={reading.node} {...props} />;
  switch (reading.kind) {
    case "metric": return <MetricLeaf node={reading.node} {...props} />;
    case "sequence": return <SequenceLeaf node={reading.node} {...props} />;
    case "property":
    case "date": return <PropertyLeaf node={reading.node} {...props} />;
    case "list": return <ListLeaf node={reading.node} {...props} />;
    case "segment": return <SegmentLeaf node={reading.node} {...props} />;
    case "consent": return <ConsentLeaf node={reading.node} {...props} />;
    case "suppressed": return <SuppressedLeaf node={reading.node} {...props} />;
    case "can_receive": return <CanReceiveLeaf node={reading.node} {...props} />;
    case "region": return <RegionLeaf node={reading.node} {...props} />;
    case "near": return <NearLeaf node={reading.node} {...props} />;
    case "coupon": return <CouponLeaf node={reading.node} {...props} />;
    case "in_flow": return <InFlowLeaf node={reading.node} {...props} />;
    case "sample": return <SampleLeaf node={reading.node} {...props} />;
    case "json": return null;
  }
}
