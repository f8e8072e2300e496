// How many people wait where, and for those whose step is gone or stands elsewhere: what becomes of them.
import { Checkbox, Group, Paper, Select, Stack, Text } from "@mantine/core";

import type { components } from "@/api/schema";
import { people } from "@/ui/formats";

import { withoutFiles } from "../../flow";
import { everyStep } from "../branches";
import { useBuilder } from "../builder";
import { Said } from "../Said";
import { LOOKS, UNKNOWN } from "../kinds";
import { kindOf } from "../steps";
import { stepWords } from "../words";

type Effect = components["schemas"]["EffectOut"];
type StandingOut = Effect["standing"][number];

/** By step, what becomes of those who wait there. */
export type Choices = Record<string, "finish" | "exit" | { continue_at: string }>;

/** Whoever's step is gone has been thought of. */
export function allChosen(standing: StandingOut[], choices: Choices): boolean {
  return standing.every((one) => !one.needs_choice || choices[one.step] !== undefined);
}

const FATES: Record<string, string> = { moved: "at a step that has moved", removed: "at a step that is removed" };

interface Props {
  effect: Effect;
  choices: Choices;
  setChoices: (choices: Choices) => void;
  retime: string[];
  setRetime: (delays: string[]) => void;
}

export function Standing({ effect, choices, setChoices, retime, setRetime }: Props) {
  const stay = effect.standing.filter((one) => !one.needs_choice);
  return (
    <Stack gap="sm">
      {effect.standing.filter((one) => one.needs_choice).map((one) => (
        <Choose key={`${one.step} ${one.fate}`} one={one} choice={choices[one.step]} onChange={(choice) => setChoices({ ...choices, [one.step]: choice })} />
      ))}
      {stay.map((one) => (
        <Text key={one.step} size="sm">{people(one.people)}{one.in_review > 0 && ` (${one.in_review} held for review)`} at <StepName id={one.step} words={one.words} /> {one.people === 1 ? "stays" : "stay"} where they are.</Text>
      ))}
      {effect.retimable.filter((one) => one.people > 0).map((one) => (
        <Paper key={one.delay} withBorder p="sm">
          <Checkbox
            checked={retime.includes(one.delay)}
            onChange={(event) => setRetime(event.currentTarget.checked ? [...retime, one.delay] : retime.filter((delay) => delay !== one.delay))}
            label={<>Count anew for {people(one.people)} who wait at <StepName id={one.delay} /></>}
            description="Otherwise they go on when they were told to. Whose new time has passed goes on at once."
          />
        </Paper>
      ))}
    </Stack>
  );
}

/** As its card says it; one that is gone as the server does. */
function StepName({ id, words = id }: { id: string; words?: string }) {
  const { flow } = useBuilder();
  const step = [...everyStep(flow.steps)].find((one) => one.id === id);
  const kind = step && kindOf(step);
  return <Text span inherit fw={550}>{step ? <>{kind ? LOOKS[kind].label : UNKNOWN.label}: <Said words={stepWords(step).title} /></> : withoutFiles(words || id)}</Text>;
}

function Choose({ one, choice, onChange }: { one: StandingOut; choice: Choices[string] | undefined; onChange: (choice: Choices[string]) => void }) {
  const { flow } = useBuilder();
  const steps = [...everyStep(flow.steps)].map((step) => {
    const kind = kindOf(step);
    const { title } = stepWords(step);
    return { value: `at:${step.id}`, label: `${(kind ? LOOKS[kind] : UNKNOWN).label}: ${typeof title === "string" ? title : step.id}` };
  });
  const value = choice === undefined ? null : typeof choice === "string" ? choice : `at:${choice.continue_at}`;
  const usual = one.goes_to && steps.find((step) => step.value === `at:${one.goes_to}`);
  return (
    <Paper withBorder p="sm">
      <Stack gap="xs">
        <Text size="sm"><Text span inherit fw={600}>{people(one.people)}</Text>{one.in_review > 0 && ` (${one.in_review} held for review)`} {one.people === 1 ? "waits" : "wait"} {FATES[one.fate] ?? one.fate}: <StepName id={one.step} words={one.words} />.</Text>
        <Group gap="xs" align="flex-end">
          <Select
            style={{ flex: 1 }}
            label="What becomes of them"
            placeholder="Choose"
            required
            searchable
            value={value}
            onChange={(next) => next && onChange(next.startsWith("at:") ? { continue_at: next.slice(3) } : (next as "finish" | "exit"))}
            allowDeselect={false}
            data={[
              { group: "On their way", items: [...(usual ? [{ value: usual.value, label: `Go on where it leads (${usual.label})` }] : []), { value: "finish", label: "Finish on the version they are on" }, { value: "exit", label: "Leave the flow now" }] },
              { group: "Continue at another step", items: steps.filter((step) => step !== usual) },
            ]}
          />
        </Group>
      </Stack>
    </Paper>
  );
}
