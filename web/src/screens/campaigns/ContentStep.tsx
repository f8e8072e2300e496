// Which email it is: a template of the brand, with its subject and preview text, as somebody would see it.
import { Button, Group, Paper, Radio, ScrollArea, Stack, Text } from "@mantine/core";
import { IconPencil, IconTemplate } from "@tabler/icons-react";
import { keepPreviousData } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";

import { query } from "@/api/client";
import { useInBrand } from "@/app/places";
import { SearchField } from "@/ui/SearchField";
import { Empty, Failed, LoadingRows } from "@/ui/states";

import { EmailPreview } from "./EmailPreview";
import type { CampaignDraft } from "./useCampaignDraft";
import classes from "./Wizard.module.css";

export function ContentStep({ draft }: { draft: CampaignDraft }) {
  const chosen = draft.fields.template_id;
  return (
    <div className={classes.columns} data-even>
      <Paper withBorder p="md">
        <TemplateChoice chosen={chosen} onChange={(template_id) => draft.change({ template_id })} />
      </Paper>
      {chosen === null ? (
        <Paper withBorder><Empty icon={IconTemplate} title="No email chosen yet">Choose one of the brand’s templates, and see here what people get.</Empty></Paper>
      ) : (
        <EmailPreview template={chosen} />
      )}
    </div>
  );
}

interface ChoiceProps {
  chosen: number | null;
  onChange: (template: number) => void;
}

export function TemplateChoice({ chosen, onChange }: ChoiceProps) {
  const inBrand = useInBrand();
  const [q, setQ] = useState("");
  const asked = query.useQuery("get", "/api/v1/templates", { params: { query: { q, limit: 100, sort: "-updated" } } }, { placeholderData: keepPreviousData });
  const { data, error } = asked;
  const retry = () => void asked.refetch();
  const rows = data?.data;
  return (
    <Stack gap="sm">
      <SearchField label="Search templates" value={q} onChange={setQ} />
      {error ? <Failed error={error} retry={retry} /> : null}
      {!error && !rows && <LoadingRows rows={6} height={58} />}
      {rows?.length === 0 && (
        q ? <Text size="sm" c="dimmed" p="sm">No template matches “{q}”.</Text> : (
          <Empty icon={IconTemplate} title="No templates yet" action={<Button component={Link} to={inBrand("/templates")}>Make a template</Button>}>A campaign sends a template. Make one first; this draft is kept.</Empty>
        )
      )}
      {rows && rows.length > 0 && (
        <ScrollArea.Autosize mah={620} type="auto" offsetScrollbars="y" tabIndex={-1}>
          <Radio.Group value={chosen === null ? null : String(chosen)} onChange={(value) => onChange(Number(value))} aria-label="The email to send">
            <Stack gap={6} p={2}>
              {rows.map((one) => (
                <Radio.Card key={one.id} value={String(one.id)} className={classes.template} aria-label={`${one.name}, subject: ${one.subject}`}>
                  <Group wrap="nowrap" gap="sm" align="flex-start">
                    <Radio.Indicator mt={2} />
                    <Stack gap={0} miw={0}>
                      <Text size="sm" fw={550} truncate>{one.name}</Text>
                      <Text size="xs" c="dimmed" lineClamp={2}>{one.subject}</Text>
                    </Stack>
                  </Group>
                </Radio.Card>
              ))}
            </Stack>
          </Radio.Group>
          {data?.next && <Text size="xs" c="dimmed" p="xs">There are more: search for the one you mean.</Text>}
        </ScrollArea.Autosize>
      )}
      <Button component={Link} to={inBrand(chosen === null ? "/templates" : `/templates/${chosen}`)} variant="subtle" size="xs" leftSection={<IconPencil size={14} aria-hidden />} w="fit-content">
        {chosen === null ? "Go to templates" : "Edit this email"}
      </Button>
    </Stack>
  );
}
