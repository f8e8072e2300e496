// A new email: begun from a layout or from the email of a ready-made flow, which is shown as it would arrive.
import { Button, Group, Modal, ScrollArea, SegmentedControl, Stack, Text, TextInput, UnstyledButton } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";

import { api, ApiError, query } from "@/api/client";
import { useInBrand } from "@/app/places";
import { Failed, LoadingRows } from "@/ui/states";
import { useFocusBack } from "@/ui/useFocusBack";

import { usePreview } from "./email";
import { EmailFrame } from "./EmailFrame";
import { InboxLine } from "./InboxLine";
import classes from "./NewTemplate.module.css";

interface Props {
  onClose: () => void;
  /** What it is called unless the person says otherwise. */
  called?: string;
  /** Made, and about to be opened: whoever asked for it takes it. */
  onMade?: (id: number, name: string) => void;
}

export function NewTemplate({ opened, title = "New template", ...asked }: Props & { opened: boolean; title?: string }) {
  useFocusBack(opened);
  return (
    <Modal opened={opened} onClose={asked.onClose} title={title} size={980} closeButtonProps={{ "aria-label": "Close" }}>
      {opened && <Making {...asked} />}
    </Modal>
  );
}

type Kind = "layout" | "recipe";

function Making({ onClose, called = "", onMade }: Props) {
  const [kind, setKind] = useState<Kind>("layout");
  const [slug, setSlug] = useState("blank");
  const [name, setName] = useState(called);
  const [refused, setRefused] = useState("");
  const [busy, setBusy] = useState(false);
  const client = useQueryClient();
  const navigate = useNavigate();
  const inBrand = useInBrand();
  const { data: starters, error } = query.useQuery("get", "/api/v1/content/starters", {}, { staleTime: Infinity });
  const { data: content } = query.useQuery("get", "/api/v1/content/starters/{slug}", { params: { path: { slug } } }, { staleTime: Infinity });
  const shown = usePreview(content, {});
  const make = async (event: FormEvent) => {
    event.preventDefault();
    if (!content) return;
    setBusy(true);
    setRefused("");
    try {
      const made = await api.POST("/api/v1/templates", { body: { ...content, name: name.trim(), transactional: false } });
      await client.invalidateQueries({ queryKey: ["get", "/api/v1/templates"] });
      onMade?.(made.data!.id, name.trim());
      await navigate({ to: inBrand(`/templates/${made.data!.id}`) });
    } catch (problem) {
      setRefused(problem instanceof ApiError ? problem.detail : "It was not made. Try again.");
      setBusy(false);
    }
  };
  const choose = (next: Kind) => {
    setKind(next);
    const first = starters?.find((one) => one.kind === next);
    if (first) setSlug(first.slug);
  };
  return (
    <form onSubmit={make}>
      <Stack>
        <TextInput label="Name" placeholder="Spring sale, day 1" description="For you and your team; readers never see it." value={name} onChange={(event) => setName(event.currentTarget.value)} error={refused || undefined} maxLength={200} required data-autofocus />
        <div className={classes.choice}>
          <Stack gap="xs">
            <SegmentedControl size="xs" aria-label="Start from" value={kind} onChange={(one) => choose(one as Kind)} data={[{ value: "layout", label: "Layouts" }, { value: "recipe", label: "Ready-made flows" }]} />
            {error && <Failed error={error} />}
            {!starters && !error && <LoadingRows rows={6} height={52} />}
            <ScrollArea.Autosize mah={430} type="auto" offsetScrollbars>
              <Stack gap={4} role="radiogroup" aria-label="Start from">
                {starters?.filter((one) => one.kind === kind).map((one) => (
                  <UnstyledButton key={one.slug} role="radio" aria-checked={one.slug === slug} className={classes.starter} data-on={one.slug === slug || undefined} onClick={() => setSlug(one.slug)}>
                    <Text size="sm" fw={600}>{one.name}</Text>
                    <Text size="xs" c="dimmed" lineClamp={2}>{one.words}</Text>
                  </UnstyledButton>
                ))}
              </Stack>
            </ScrollArea.Autosize>
          </Stack>
          <div className={classes.preview}>
            {shown.data?.preview && (
              <>
                <div className={classes.line}><InboxLine preview={shown.data.preview} /></div>
                <div className={classes.frame}><EmailFrame html={shown.data.preview.html} title="The email to start from" /></div>
              </>
            )}
          </div>
        </div>
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>Cancel</Button>
          <Button type="submit" loading={busy} disabled={!name.trim() || !content}>Make it</Button>
        </Group>
      </Stack>
    </form>
  );
}
