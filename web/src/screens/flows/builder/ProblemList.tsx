// Everything that keeps the flow from being published, by where it stands; each leads there.
import { Anchor, Stack, Text, ThemeIcon, UnstyledButton } from "@mantine/core";
import { type Icon, IconBolt, IconMail } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";

import { useInBrand } from "@/app/places";

import { type Problem, useBuilder } from "./builder";
import { find } from "./document";
import { HEAD_LABELS } from "./head";
import { LOOKS, UNKNOWN } from "./kinds";
import classes from "./problems.module.css";
import { byPlace, ofBrand, saying } from "./problems";
import { Said } from "./Said";
import { kindOf } from "./steps";
import { stepWords } from "./words";

/** `shown`: after one was followed. */
export function ProblemList({ shown }: { shown: () => void }) {
  const { flow, problems } = useBuilder();
  const brands = problems.filter(ofBrand);
  return (
    <Stack gap="sm">
      {byPlace(flow, problems).map(([place, mine]) => (
        <div key={place}>
          <Place place={place} />
          <ul className={classes.list}>{mine.map((problem) => <One key={problem.field} problem={problem} shown={shown} />)}</ul>
        </div>
      ))}
      {brands.length > 0 && (
        <div>
          <Header icon={IconMail} color="gray">The brand</Header>
          <ul className={classes.list}>{brands.map((problem) => <OfBrand key={problem.field} problem={problem} />)}</ul>
        </div>
      )}
    </Stack>
  );
}

function Place({ place }: { place: string }) {
  const { flow } = useBuilder();
  const step = find(flow, place);
  const kind = step && kindOf(step);
  if (!step) return <Header icon={IconBolt} color="water">{HEAD_LABELS[place] ?? "Steps"}</Header>;
  const look = kind ? LOOKS[kind] : UNKNOWN;
  const { title, open } = stepWords(step);
  return <Header icon={look.icon} color={look.color}>{look.label}{!open && <>: <Said words={title} /></>}</Header>;
}

function Header({ icon: Mark, color, children }: { icon: Icon; color: string; children: ReactNode }) {
  return (
    <div className={classes.place}>
      <ThemeIcon size={20} variant="light" color={color} radius="sm"><Mark size={14} aria-hidden /></ThemeIcon>
      <Text size="xs" c="dimmed" fw={550} truncate>{children}</Text>
    </div>
  );
}

function One({ problem, shown }: { problem: Problem; shown: () => void }) {
  const { flow, show } = useBuilder();
  return <li><UnstyledButton className={classes.problem} onClick={() => { show(problem); shown(); }}><Text size="sm">{saying(flow, problem)}</Text></UnstyledButton></li>;
}

function OfBrand({ problem }: { problem: Problem }) {
  const { flow } = useBuilder();
  const inBrand = useInBrand();
  return (
    <li className={classes.problem} data-still>
      <Text size="sm">{saying(flow, problem)} <Anchor component={Link} to={inBrand("/settings/senders")} size="sm">Set it up</Anchor></Text>
    </li>
  );
}
