// The top of every screen about one flow: its name and state, and the way to the other screens about it.
import { Badge } from "@mantine/core";
import { IconChartHistogram, IconHistory, IconMailCheck, IconPlayerPlay, IconSitemap, IconUsers } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
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

/** On a phone the row is wider than the screen: the present one is in sight. */
const intoView = (link: HTMLAnchorElement | null) => link?.parentElement?.scrollTo({ left: link.offsetLeft - link.parentElement.offsetLeft - 60 });

interface Props {
  flow: FlowDetail;
  screen: Screen;
  /** What this screen is for. */
  description: ReactNode;
  actions?: ReactNode;
}

export function FlowHeader({ flow, screen, description, actions }: Props) {
  const inBrand = useInBrand();
  const path = `/flows/${flow.slug}`;
  return (
    <>
      <PageHeader
        title={flow.name}
        badge={<StatusBadge status={flow.status} />}
        description={description}
        trail={[{ label: "Flows", to: inBrand("/flows") }]}
        actions={actions}
      />
      <nav aria-label={`About ${flow.name}`} className={classes.screens}>
        {SCREENS.map(({ value, label, icon: Mark }) => (
          <Link key={value} to={inBrand(value ? `${path}/${value}` : path)} className={classes.screen} activeOptions={{ exact: true }} aria-current={value === screen ? "page" : undefined} ref={value === screen ? intoView : undefined}>
            <Mark size={16} aria-hidden />
            {label}
            {value === "review" && flow.in_review > 0 && <Badge size="sm" color="yellow" aria-label={`${flow.in_review} to review`}>{compact(flow.in_review)}</Badge>}
          </Link>
        ))}
      </nav>
    </>
  );
}
