// Making a brand: the first one of a new instance, or one more.
import { Anchor, Button, Code, CopyButton, Group, Select, Stack, Text, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";

import { api } from "@/api/client";
import type { components } from "@/api/schema";
import { useMe } from "@/app/session";

import { EntrancePage } from "./EntrancePage";
import { useAttempt } from "./useAttempt";

type Made = components["schemas"]["NewWorkspace"];
const ZONES = Intl.supportedValuesOf("timeZone");
const CURRENCIES = Intl.supportedValuesOf("currency");

export function NewBrand() {
  const [made, setMade] = useState<Made | null>(null);
  return made ? <Keys made={made} /> : <Form onMade={setMade} />;
}

function Form({ onMade }: { onMade: (made: Made) => void }) {
  const { user, workspaces } = useMe();
  const [name, setName] = useState("");
  const [website, setWebsite] = useState("");
  const [timezone, setTimezone] = useState(Intl.DateTimeFormat().resolvedOptions().timeZone);
  const [currency, setCurrency] = useState("USD");
  const attempt = useAttempt();
  const client = useQueryClient();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void attempt.run(async () => {
      const { data } = await api.POST("/api/v1/workspaces", { body: { name: name.trim(), website_url: website.trim(), timezone, currency, from_name: name.trim(), from_email: "" } });
      await client.invalidateQueries({ queryKey: ["get", "/api/v1/me"] });
      if (data) onMade(data);
    });
  };
  const back = workspaces.length > 0 && <Anchor component={Link} to="/">Back to {workspaces[0]?.name}</Anchor>;
  if (!user.may_make_brands) {
    return (
      <EntrancePage title="No brand yet" below={back}>
        <Text size="sm">Nobody has given {user.email} access to a brand. Ask an owner or admin for an invitation.</Text>
      </EntrancePage>
    );
  }
  return (
    <EntrancePage title={workspaces.length ? "A new brand" : "Your first brand"} description="A brand has its own audience, flows, campaigns and sender. Nothing crosses between brands." below={back}>
      <form onSubmit={submit}>
        <Stack>
          <TextInput label="Name" required value={name} onChange={(event) => setName(event.currentTarget.value)} autoFocus />
          <TextInput label="Website" type="url" placeholder="https://" value={website} onChange={(event) => setWebsite(event.currentTarget.value)} error={attempt.field === "website_url" && attempt.refused} />
          <Select label="Time zone" searchable data={ZONES.includes(timezone) ? ZONES : [timezone, ...ZONES]} value={timezone} onChange={(value) => value && setTimezone(value)} allowDeselect={false} />
          <Select label="Currency" searchable data={CURRENCIES} value={currency} onChange={(value) => value && setCurrency(value)} allowDeselect={false} />
          {attempt.refused && attempt.field !== "website_url" && <Text size="sm" c="red" role="alert">{attempt.refused}</Text>}
          <Button type="submit" size="md" loading={attempt.busy}>Make the brand</Button>
        </Stack>
      </form>
    </EntrancePage>
  );
}

function Keys({ made }: { made: Made }) {
  return (
    <EntrancePage title={`${made.name} is ready`} description="Two keys reach it. The private key is shown now and never again.">
      <Key label="Write key, for browsers and shops: may only send events" value={made.write_key} />
      <Key label="Private key, for your servers: keep it secret" value={made.private_key} />
      <Button size="md" component={Link} to={`/b/${made.slug}/home`}>Go to {made.name}</Button>
    </EntrancePage>
  );
}

function Key({ label, value }: { label: string; value: string }) {
  return (
    <Stack gap={4}>
      <Text size="sm" fw={500}>{label}</Text>
      <Group wrap="nowrap" gap="xs">
        <Code style={{ flex: 1, overflowWrap: "anywhere" }}>{value}</Code>
        <CopyButton value={value}>{({ copied, copy }) => <Button size="xs" variant="default" onClick={copy}>{copied ? "Copied" : "Copy"}</Button>}</CopyButton>
      </Group>
    </Stack>
  );
}
