// A test of two to seven emails: who gets which, and when one has won.
import { Accordion, Button, Group, NumberInput, Stack, Text } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";

import { useBuilder } from "../builder";
import { without } from "../document";
import type { DrawerProps } from "../drawer";
import { evenShares, freshVariation } from "../fresh";
import type { AbTest, Email } from "../steps";
import { EmailFields } from "./EmailFields";
import { Shares } from "./Shares";
import { TestStanding } from "./TestStanding";
import { WinnerFields } from "./WinnerFields";

const MOST = 7;

export function AbTestDrawer({ step, put, problems, wrong }: DrawerProps<AbTest>) {
  const { editable, known } = useBuilder();
  const { ab_test: emails } = step;
  const equal = (list: AbTest["ab_test"]) => list.map((email, index) => ({ ...email, share: evenShares(list.length)[index]! }));
  const change = (index: number, fields: Partial<Email> & { share?: number }, about?: string) => put({ ab_test: emails.with(index, without({ ...emails[index]!, ...fields })) }, about && `${index} ${about}`);
  return (
    <Stack>
      <TestStanding step={step} />
      <Accordion multiple variant="separated" defaultValue={editable ? emails.slice(0, 1).map((email) => email.id) : emails.map((email) => email.id)} chevronPosition="left">
        {emails.map((email, index) => (
          <Accordion.Item key={email.id} value={email.id}>
            <Accordion.Control><Group justify="space-between" wrap="nowrap"><Text size="sm" fw={550} truncate>{email.name || email.email || `Email ${index + 1}`}</Text><Text size="sm" c="dimmed" className="numbers">{email.share} %</Text></Group></Accordion.Control>
            <Accordion.Panel>
              <Stack>
                <NumberInput label="Share" suffix=" %" min={0} max={100} decimalScale={2} value={email.share} error={wrong(`ab_test[${index}].share`)} onChange={(share) => change(index, { share: Number(share) || 0 }, "share")} />
                <EmailFields email={email} put={(fields, about) => change(index, fields, about)} problems={problems} path={`ab_test[${index}]`} />
                {editable && emails.length > 2 && <Button size="xs" variant="subtle" color="red" leftSection={<IconTrash size={14} />} style={{ alignSelf: "flex-start" }} onClick={() => put({ ab_test: equal(emails.toSpliced(index, 1)) })}>Take this email out of the test</Button>}
              </Stack>
            </Accordion.Panel>
          </Accordion.Item>
        ))}
      </Accordion>
      <Shares shares={emails.map((email) => email.share)} error={wrong("ab_test")} even={(shares) => put({ ab_test: emails.map((email, index) => ({ ...email, share: shares[index]! })) })} />
      {editable && emails.length < MOST && <Button size="xs" variant="default" leftSection={<IconPlus size={14} />} style={{ alignSelf: "flex-start" }} onClick={() => put({ ab_test: equal([...emails, freshVariation(known(), 0, emails.at(-1))]) })}>Another email</Button>}
      <WinnerFields value={step.winner} onChange={(winner, about) => put({ winner }, about)} wrong={wrong} />
    </Stack>
  );
}
