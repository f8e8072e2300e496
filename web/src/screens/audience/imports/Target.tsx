// The third step: which list they join, whether they have consented, and what becomes of people who are known already.
import { Alert, Anchor, Card, Checkbox, Radio, Select, Stack, Text, Textarea, TextInput, Title } from "@mantine/core";
import { IconShieldCheck } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";

import { query } from "@/api/client";
import { useInBrand } from "@/app/places";

import type { lacking, Plan } from "./plan";

interface Props {
  plan: Plan;
  /** What the proof of consent lacks. */
  wrong: ReturnType<typeof lacking>;
  onChange: (plan: Plan) => void;
}

export function Target({ plan, wrong, onChange }: Props) {
  const lists = query.useQuery("get", "/api/v1/lists");
  const inBrand = useInBrand();
  const set = (change: Partial<Plan>) => onChange({ ...plan, ...change });
  const list = lists.data?.find((one) => String(one.id) === plan.list);
  return (
    <Stack>
      <Card component="section" aria-label="List">
        <Title order={2} fz="md" mb="sm">List</Title>
        <Stack gap="sm">
          {lists.data?.length === 0 ? (
            <Text size="sm" c="dimmed">There is no list yet. They come in without one; or <Anchor component={Link} to={inBrand("/lists")} inherit underline="always">make a list</Anchor> first: this file waits for you under Imports.</Text>
          ) : (
            <Select label="Put them on a list" placeholder="No list" clearable searchable data={(lists.data ?? []).map((one) => ({ value: String(one.id), label: one.name }))} value={plan.list} onChange={(value) => set({ list: value })} nothingFoundMessage="No list by this name." />
          )}
          {plan.list && <Checkbox checked={plan.startsFlows} onChange={(event) => set({ startsFlows: event.currentTarget.checked })} label="Start the flows that begin with this list" description="Leave it off for people who joined long ago: they get no welcome series now." />}
          {list?.opt_in === "double" && !plan.consented && <Alert color="yellow">This list has double opt-in. Say below how and when these people consented, or choose another list.</Alert>}
        </Stack>
      </Card>
      <Card component="section" aria-label="Consent">
        <Title order={2} fz="md" mb="sm">Consent to marketing email</Title>
        <Radio.Group value={plan.consented ? "yes" : "no"} onChange={(value) => set({ consented: value === "yes" })} aria-label="Consent">
          <Stack gap="sm">
            <Radio value="no" label="Leave it as it is" description="New people are neither subscribed nor unsubscribed." />
            <Radio value="yes" label="These people have consented" description="Each is recorded as subscribed, with the proof below." />
          </Stack>
        </Radio.Group>
        {plan.consented && (
          <Stack gap="sm" mt="md" ml={{ base: 0, sm: 32 }}>
            <Textarea label="How did they consent?" placeholder="Sign-up form of the old shop, exported from …" maxLength={500} autosize minRows={2} required error={wrong.source} value={plan.source} onChange={(event) => set({ source: event.currentTarget.value })} />
            <TextInput type="date" label="When?" description="The day, or the last day on which all of them had." required error={wrong.day} w={{ base: "100%", sm: 260 }} value={plan.day} onChange={(event) => set({ day: event.currentTarget.value })} />
          </Stack>
        )}
        <Alert mt="md" icon={<IconShieldCheck />} color="gray">Who unsubscribed, complained or is suppressed is not subscribed again, whatever the file says, and who was erased is not taken in.</Alert>
      </Card>
      <Card component="section" aria-label="People who are known already">
        <Title order={2} fz="md" mb="sm">People who are known already</Title>
        <Radio.Group value={plan.existing} onChange={(value) => set({ existing: value as Plan["existing"] })} aria-label="People who are known already">
          <Stack gap="sm">
            <Radio value="update" label="Change them by what the file says" description="Empty cells change nothing." />
            <Radio value="skip" label="Pass over their rows" description="They are not changed, not subscribed, and not put on the list." />
          </Stack>
        </Radio.Group>
        <Text size="xs" c="dimmed" mt="sm">They are recognised by external id, email address or phone number.</Text>
      </Card>
    </Stack>
  );
}
