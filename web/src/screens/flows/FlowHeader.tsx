// The top of every screen about one flow: its name and state, and the way to the other screens about it.
import { Badge, Tabs } from "@mantine/core";
import { IconChartHistogram, IconHistory, IconMailCheck, IconPlayerPlay, IconSitemap, IconUsers } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";

import { useInBrand } from "@/app/places";
import { compact } from "@/ui/formats";
import { PageHeader } from "@/ui/PageHeader";
import { StatusBadge } from "@/ui/StatusBadge";

import type { FlowDetail } from "./flow";
import classes from "./flows.module.css";

export type Screen = "people" | "review" | "versions" | "backtest" | "test";

const SCREENS = [
  { value: "", label: "Builder", icon: IconSitemap },
  { value: "people", label: "People", icon: IconUsers },
  { value: "review", label: "Review", icon: IconMailCheck },
  { value: "versions", label: "Versions", icon: IconHistory },
  { value: "backtest", label: "Backtest", icon: IconChartHistogram },
  { value: "test", label: "Test", icon: IconPlayerPlay },
] as const;

interface Props {
  flow: FlowDetail;
  screen: Screen;
  /** What this screen is for. */
  description: ReactNode;
  actions?: ReactNode;
}

export function FlowHeader({ flow, screen, description, actions }: Props) {
  const inBrand = useInBrand();
  const navigate = useNavigate();
  const path = `/flows/${flow.slug}`;
  const go = (value: string | null) => void navigate({ to: inBrand(value ? `${path}/${value}` : path) });
  return (
    <>
      <PageHeader
        title={flow.name}
        badge={<StatusBadge status={flow.status} />}
        description={description}
        trail={[{ label: "Flows", to: inBrand("/flows") }]}
        actions={actions}
      />
      <Tabs value={screen} onChange={go} mb="lg" classNames={{ list: classes.tabs }} keepMounted={false} activateTabWithKeyboard={false}>
        <Tabs.List aria-label={`About ${flow.name}`}>
          {SCREENS.map(({ value, label, icon: Mark }) => (
            <Tabs.Tab key={value} value={value} leftSection={<Mark size={16} aria-hidden />} rightSection={value === "review" && flow.in_review > 0 ? <Badge size="sm" color="yellow">{compact(flow.in_review)}</Badge> : undefined}>
              {label}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value={screen}>{null}</Tabs.Panel>
      </Tabs>
    </>
  );
}
