// A step as a card: what it is, what it says, how many wait, its numbers, and what is wrong with it.
import { ThemeIcon, UnstyledButton } from "@mantine/core";
import { IconAlertCircle, IconClock, IconEyeCheck, IconTrophy } from "@tabler/icons-react";
import type { CSSProperties } from "react";

import { compact, counted } from "@/ui/formats";
import { StatusBadge } from "@/ui/StatusBadge";

import { numbersOf, useBuilder } from "./builder";
import classes from "./canvas.module.css";
import { LOOKS, UNKNOWN } from "./kinds";
import { problemsOf, toldOn } from "./problems";
import { Said } from "./Said";
import { withLine } from "./sizes";
import { EmailStrip, StepFoot } from "./StepNumbers";
import { type AbTest, type Email, is, kindOf, type Step } from "./steps";
import { useSubject } from "./subject";

export function StepCard({ step }: { step: Step }) {
  const { flow, selected, select, numbers, problems } = useBuilder();
  const kind = kindOf(step);
  const look = kind ? LOOKS[kind] : UNKNOWN;
  const words = withLine(step);
  const mine = numbersOf(numbers, step.id);
  const chosen = selected === step.id;
  const wrong = problemsOf(problems, step).length > 0;
  const status = ("status" in step && step.status) || "live";
  return (
    <div className={classes.card} style={{ "--kind": `var(--mantine-color-${look.color}-6)` } as CSSProperties} data-selected={chosen || undefined} data-wrong={wrong || undefined} data-off={status === "draft" || undefined}>
      <UnstyledButton className={`${classes.main} nopan nodrag`} data-step={step.id} onClick={() => select(step.id)} aria-pressed={chosen}>
        <ThemeIcon variant="light" color={look.color} size={30} radius="md" className={classes.icon}><look.icon size={18} stroke={1.7} aria-hidden /></ThemeIcon>
        <span className={classes.words}>
          <span className={classes.label}>
            <span>{look.label}</span>
            <span style={{ display: "flex", gap: 4 }}>
              {mine && <Waiting waiting={mine.waiting} review={mine.needs_review} />}
              {status !== "live" && <StatusBadge status={status} />}
            </span>
          </span>
          <span className={classes.title} data-long={typeof words.title !== "string" || undefined} data-open={words.open || undefined}><Said words={words.title} /></span>
          {is(step, "email") ? <Subject email={step} /> : words.line && <span className={classes.line} style={{ display: "block" }}><Said words={words.line} /></span>}
        </span>
      </UnstyledButton>
      {is(step, "ab_test") && <Variations step={step} />}
      {mine?.email && is(step, "email") && <EmailStrip numbers={mine.email} />}
      {mine && <StepFoot numbers={mine} />}
      <Wrong details={toldOn(flow, problems, step)} />
    </div>
  );
}

function Subject({ email }: { email: Email }) {
  const subject = useSubject(email);
  return <span className={classes.line} style={{ display: "block" }}>{subject ?? (email.email || "No email is chosen yet")}</span>;
}

export function Waiting({ waiting, review }: { waiting: number; review: number }) {
  return (
    <>
      {review > 0 && <span className={classes.waits} title={`${counted(review, "person", "people")} held until somebody reviews it`}><IconEyeCheck size={12} aria-hidden />{compact(review)} to review</span>}
      {waiting > 0 && <span className={`${classes.waits} numbers`} title={`${counted(waiting, "person", "people")} waiting here now`}><IconClock size={12} aria-hidden />{compact(waiting)}</span>}
    </>
  );
}

/** The first thing that is wrong, and how many more there are. */
export function Wrong({ details: [first, ...more] }: { details: readonly string[] }) {
  if (first === undefined) return null;
  return (
    <div className={`${classes.foot} ${classes.wrong}`} title={[first, ...more].join("\n")}>
      <IconAlertCircle size={14} aria-hidden style={{ flexShrink: 0 }} />
      <span style={{ flex: 1 }}>{first}</span>
      {more.length > 0 && <span>and {more.length} more</span>}
    </div>
  );
}

function Variations({ step }: { step: AbTest }) {
  const { numbers } = useBuilder();
  const test = numbersOf(numbers, step.id)?.test;
  return (
    <div className={classes.rows}>
      {step.ab_test.map((email, index) => {
        const mine = numbersOf(numbers, email.id)?.email;
        const won = test?.winner?.variation === email.id;
        return (
          <div key={email.id} className={`${classes.row} numbers`}>
            <span>{won && <IconTrophy size={13} aria-label="Winner" />} {email.name || email.email || `Email ${index + 1}: not chosen`}</span>
            <span title={mine ? `${counted(mine.sent, "email")} sent` : undefined}>{mine && mine.sent > 0 ? `${((mine.rates.clicked ?? 0) * 100).toFixed(1)} % clicked` : `${email.share} %`}</span>
          </div>
        );
      })}
    </div>
  );
}
