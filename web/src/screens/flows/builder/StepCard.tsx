// A step as a card: what it is, what it says, how many wait, its numbers, and what is wrong with it.
import { ThemeIcon, UnstyledButton } from "@mantine/core";
import { IconAlertCircle, IconClock, IconEyeCheck, IconTrophy } from "@tabler/icons-react";
import type { CSSProperties } from "react";

import { compact, counted } from "@/ui/formats";
import { StatusBadge } from "@/ui/StatusBadge";

import { emailsOf } from "./branches";
import { numbersOf, useBuilder } from "./builder";
import classes from "./canvas.module.css";
import { saying } from "./drawer";
import { LOOKS, UNKNOWN } from "./kinds";
import { Said } from "./Said";
import { withLine } from "./sizes";
import { EmailStrip, StepFoot } from "./StepNumbers";
import { type AbTest, is, kindOf, type Step } from "./steps";
import { useSubject } from "./subject";

export function StepCard({ step }: { step: Step }) {
  const { flow, selected, select, numbers, problem } = useBuilder();
  const kind = kindOf(step);
  const look = kind ? LOOKS[kind] : UNKNOWN;
  const words = withLine(step);
  const mine = numbersOf(numbers, step.id);
  const chosen = selected === step.id;
  const wrong = problem?.step && (problem.step === step.id || emailsOf(step).some((email) => email.id === problem.step)) ? saying(flow, problem) : null;
  const status = ("status" in step && step.status) || "live";
  return (
    <div className={classes.card} style={{ "--kind": `var(--mantine-color-${look.color}-6)` } as CSSProperties} data-selected={chosen || undefined} data-wrong={wrong ? true : undefined} data-off={status === "draft" || undefined}>
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
          {is(step, "email") ? <Subject id={step.template_id} fallback={step.email} /> : words.line && <span className={classes.line} style={{ display: "block" }}><Said words={words.line} /></span>}
        </span>
      </UnstyledButton>
      {is(step, "ab_test") && <Variations step={step} />}
      {mine?.email && is(step, "email") && <EmailStrip numbers={mine.email} />}
      {mine && <StepFoot numbers={mine} />}
      {wrong && <Wrong detail={wrong} />}
    </div>
  );
}

function Subject({ id, fallback }: { id: number | null | undefined; fallback: string }) {
  const subject = useSubject(id);
  return <span className={classes.line} style={{ display: "block" }}>{subject ?? (fallback || "No email is chosen yet")}</span>;
}

export function Waiting({ waiting, review }: { waiting: number; review: number }) {
  return (
    <>
      {review > 0 && <span className={classes.waits} title={`${counted(review, "person", "people")} held until somebody reviews it`}><IconEyeCheck size={12} aria-hidden />{compact(review)} to review</span>}
      {waiting > 0 && <span className={`${classes.waits} numbers`} title={`${counted(waiting, "person", "people")} waiting here now`}><IconClock size={12} aria-hidden />{compact(waiting)}</span>}
    </>
  );
}

export function Wrong({ detail }: { detail: string }) {
  return <div className={`${classes.foot} ${classes.wrong}`}><IconAlertCircle size={14} aria-hidden style={{ flexShrink: 0 }} /><span style={{ flex: 1 }} title={detail}>{detail}</span></div>;
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
