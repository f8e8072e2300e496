// Errors, warnings and notes of a review, each with the step that puts it right.
import { Anchor, Group, Paper, Stack, Text, Title } from "@mantine/core";
import { IconAlertCircle, IconAlertTriangle, IconCircleCheck, IconInfoCircle } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";

import { useInBrand } from "@/app/places";

import type { Step } from "./CampaignWizard";
import type { Finding } from "./shapes";
import classes from "./Wizard.module.css";

const LEVELS = [
  { level: "error", title: "Has to be put right first", icon: IconAlertCircle, color: "var(--mantine-color-red-light-color)" },
  { level: "warning", title: "Worth a second look", icon: IconAlertTriangle, color: "var(--mantine-color-yellow-light-color)" },
  { level: "note", title: "Good to know", icon: IconInfoCircle, color: "var(--mantine-color-dimmed)" },
] as const;

const FIX: Record<Step, string> = { audience: "Go to audience", content: "Go to content", schedule: "Go to schedule", review: "" };

export function Findings({ findings, go }: { findings: Finding[]; go: (step: Step) => void }) {
  const serious = findings.some((one) => one.level !== "note");
  return (
    <Paper withBorder p="lg" component="section" aria-label="What was checked">
      <Stack gap="lg">
        {!serious && (
          <Group gap="xs" wrap="nowrap">
            <IconCircleCheck size={20} color="var(--mantine-color-green-light-color)" className={classes.mark} aria-hidden />
            <Text size="sm" fw={550}>Audience, email, sender and time are checked. Nothing stands in the way.</Text>
          </Group>
        )}
        {LEVELS.map(({ level, title, icon: Mark, color }) => {
          const mine = findings.filter((one) => one.level === level);
          if (mine.length === 0) return null;
          return (
            <div key={level}>
              <Title order={2} fz="sm" mb={4}>{title}</Title>
              {mine.map((one, place) => (
                <div key={`${one.code}-${place}`} className={classes.finding}>
                  <Mark size={18} color={color} aria-hidden />
                  <Text size="sm" flex={1} style={{ overflowWrap: "anywhere" }}>{one.words}</Text>
                  <Fix finding={one} go={go} />
                </div>
              ))}
            </div>
          );
        })}
      </Stack>
    </Paper>
  );
}

function Fix({ finding, go }: { finding: Finding; go: (step: Step) => void }) {
  const inBrand = useInBrand();
  if (finding.level === "note") return null;
  if (finding.step === "brand") {
    const [to, words] = finding.field === "brand.postal_address" ? ["/settings/brand", "Go to brand"] : ["/settings/senders", "Go to senders"];
    return <Anchor component={Link} to={inBrand(to)} size="sm" style={{ whiteSpace: "nowrap" }}>{words}</Anchor>;
  }
  const step = finding.step;
  return <Anchor component="button" type="button" size="sm" onClick={() => go(step)} style={{ whiteSpace: "nowrap" }}>{FIX[step]}</Anchor>;
}
