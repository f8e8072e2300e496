// Taking a step out: at once where it stands alone; asked about where branches or what follows would go with it.
import { Button, Group, Modal, Radio, Stack, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useState } from "react";

import { counted, people } from "@/ui/formats";

import { everyStep, waysOf } from "./branches";
import { numbersOf, type Numbers } from "./builder";
import { listAt, lost, placeOf, remove } from "./document";
import { kindOf, type Definition, type Step } from "./steps";
import { LOOKS, UNKNOWN } from "./kinds";
import { Said } from "./Said";
import { wayWords } from "./words";

export interface RemovalState {
  asked: Step | null;
  ask: (step: Step) => void;
  close: () => void;
  carryOut: (to: Definition, step: Step) => void;
  waiting: (to: Definition) => number;
}

export function useRemoval(flow: Definition, edit: (to: Definition) => void, undo: () => void, numbers: Numbers | null): RemovalState {
  const [asked, setAsked] = useState<Step | null>(null);
  const waiting = (to: Definition) => lost(flow, to).reduce((sum, id) => sum + (numbersOf(numbers, id)?.waiting ?? 0), 0);
  const carryOut = (to: Definition, step: Step) => {
    const [gone, here] = [lost(flow, to).length, waiting(to)];
    edit(to);
    setAsked(null);
    const id = notifications.show({
      color: "water.7",
      autoClose: 8000,
      message: (
        <Group justify="space-between" wrap="nowrap">
          <Text size="sm">
            {gone > 1 ? `${counted(gone, "step")} removed.` : `${nameOf(step)} removed.`}
            {here > 0 && ` ${people(here)} wait there; you choose what becomes of them when you publish.`}
          </Text>
          <Button size="compact-sm" variant="default" style={{ flexShrink: 0 }} onClick={() => { undo(); notifications.hide(id); }}>Undo</Button>
        </Group>
      ),
    });
  };
  const ask = (step: Step) => {
    if (waysOf(step).some((way) => way.steps.length > 0)) setAsked(step);
    else carryOut(remove(flow, step.id), step);
  };
  return { asked, ask, close: () => setAsked(null), carryOut, waiting };
}

function nameOf(step: Step): string {
  const kind = kindOf(step);
  return (kind ? LOOKS[kind] : UNKNOWN).label;
}

export function Removal({ asked, close, carryOut, waiting, flow }: RemovalState & { flow: Definition }) {
  return (
    <Modal opened={asked !== null} onClose={close} title={asked ? `Remove this ${nameOf(asked).toLowerCase()}?` : ""} closeButtonProps={{ "aria-label": "Close" }}>
      {asked && <Question key={asked.id} step={asked} flow={flow} close={close} carryOut={carryOut} waiting={waiting} />}
    </Modal>
  );
}

function Question({ step, flow, close, carryOut, waiting }: Pick<RemovalState, "close" | "carryOut" | "waiting"> & { step: Step; flow: Definition }) {
  const full = waysOf(step).filter((way) => way.steps.length > 0);
  const [choice, setChoice] = useState("branches");
  const place = placeOf(flow, step.id);
  const follows = place ? listAt(flow, place).length - place.index - 1 : 0;
  const to = choice === "branches" ? remove(flow, step.id) : choice === "rest" ? remove(flow, step.id, { rest: true }) : remove(flow, step.id, { keep: choice });
  const here = waiting(to);
  return (
    <Stack>
      <Radio.Group label="What becomes of the steps in its branches" value={choice} onChange={setChoice}>
        <Stack gap="xs" mt="xs">
          <Radio value="branches" label="Remove them too" />
          {full.map((way) => (
            <Radio key={way.side} value={way.side} label={<>Keep {counted([...everyStep(way.steps)].length, "step")} of “<Said words={wayWords(step, way.side)} />”, in its place</>} />
          ))}
          {follows > 0 && <Radio value="rest" label="Remove them, and everything that follows" />}
        </Stack>
      </Radio.Group>
      <Text size="sm" c="dimmed">
        {counted(lost(flow, to).length, "step")} will be removed.
        {here > 0 && ` ${people(here)} wait there; you choose what becomes of them when you publish.`} Ctrl-Z brings them back.
      </Text>
      <Group justify="flex-end">
        <Button variant="default" onClick={close}>Not now</Button>
        <Button color="red.8" onClick={() => carryOut(to, step)}>Remove</Button>
      </Group>
    </Stack>
  );
}
