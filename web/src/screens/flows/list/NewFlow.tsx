// A new flow: from a recipe, or a blank one that gets its name here and its steps in the builder.
import { Button, Menu, Modal, Stack, Text, TextInput } from "@mantine/core";
import { IconChevronDown, IconFile, IconPlus, IconSparkles } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";

import { api, ApiError } from "@/api/client";
import { useInBrand } from "@/app/places";

import { freeSlug } from "./rows";

export function NewFlow({ taken }: { taken: readonly string[] }) {
  const inBrand = useInBrand();
  const [naming, setNaming] = useState(false);
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button leftSection={<IconPlus size={16} aria-hidden />} rightSection={<IconChevronDown size={14} aria-hidden />}>New flow</Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item component={Link} to={inBrand("/flows/recipes")} leftSection={<IconSparkles size={16} aria-hidden />}>
            From a recipe
            <Text size="xs" c="dimmed">Complete, with emails to make your own</Text>
          </Menu.Item>
          <Menu.Item onClick={() => setNaming(true)} leftSection={<IconFile size={16} aria-hidden />}>
            Blank
            <Text size="xs" c="dimmed">You choose the trigger and every step</Text>
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <BlankFlow opened={naming} onClose={() => setNaming(false)} taken={taken} />
    </>
  );
}

function BlankFlow({ opened, onClose, taken }: { opened: boolean; onClose: () => void; taken: readonly string[] }) {
  const inBrand = useInBrand();
  const navigate = useNavigate();
  const client = useQueryClient();
  const [name, setName] = useState("");
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState("");
  const slug = freeSlug(name, taken);
  const begin = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setRefused("");
    try {
      await api.POST("/api/v1/flows", { body: { flow: slug, name: name.trim(), trigger: {}, steps: [] } });
      await client.invalidateQueries({ queryKey: ["get", "/api/v1/flows/table"] });
      await navigate({ to: inBrand(`/flows/${slug}`) });
    } catch (error) {
      setRefused(error instanceof ApiError ? error.detail : "The flow was not made.");
    } finally {
      setBusy(false);
    }
  };
  return (
    <Modal opened={opened} onClose={onClose} title="Blank flow" closeButtonProps={{ "aria-label": "Close" }}>
      <form onSubmit={(event) => void begin(event)}>
        <Stack>
          <TextInput label="Name" description={name.trim() ? `Its short name in links and files: ${slug}` : "People of your brand see it, customers do not."} value={name} onChange={(event) => setName(event.currentTarget.value)} data-autofocus error={refused || undefined} maxLength={200} required />
          <Button type="submit" loading={busy} disabled={!name.trim()} ms="auto">Open the builder</Button>
        </Stack>
      </form>
    </Modal>
  );
}
