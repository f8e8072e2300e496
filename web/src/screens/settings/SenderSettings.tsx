// Who emails come from.
import { Alert, TextInput } from "@mantine/core";
import { IconInfoCircle } from "@tabler/icons-react";

import { InboxPreview } from "./InboxPreview";
import { Part, SavedForm, SettingsPage, SettingsWaiting } from "./SettingsPage";
import { type BrandOut, useBrandForm, useStoredBrand } from "./useBrandForm";

const NAMES = ["from_name", "from_email", "reply_to"] as const;

export function SenderSettings() {
  const { data, error, refetch } = useStoredBrand();
  return data ? <Form stored={data} /> : <SettingsWaiting title="Senders" error={error} retry={() => void refetch()} />;
}

function Form({ stored }: { stored: BrandOut }) {
  const form = useBrandForm("senders", stored, NAMES);
  const { value, set, error, locked } = form;
  const field = (name: (typeof NAMES)[number]) => ({
    value: value[name], error: error(name), readOnly: locked, onChange: (event: { currentTarget: { value: string } }) => set(name, event.currentTarget.value),
  });
  const domain = value.from_email.split("@")[1] ?? "";
  return (
    <SettingsPage title="Senders" description="The sender of every email of this brand.">
      <SavedForm form={form}>
        <Part title="From" words="What people see before they open an email. A name that they know is opened more often.">
          <TextInput label="Name" placeholder="Juniper" maxLength={200} {...field("from_name")} />
          <TextInput label="Email address" type="email" inputMode="email" placeholder="hello@shop.example" description="At a domain of yours: mailbox providers refuse senders at gmail.com and the like." {...field("from_email")} />
          <InboxPreview name={value.from_name} address={value.from_email} />
        </Part>
        <Part title="Replies" words="Where answers go. Left empty, they go to the sender’s address.">
          <TextInput label="Reply-to address" type="email" inputMode="email" placeholder={value.from_email || "care@shop.example"} {...field("reply_to")} />
        </Part>
        {domain && (
          <Alert color="gray" icon={<IconInfoCircle size={18} />} title={`Records of ${domain}`}>
            Mailbox providers look for SPF, DKIM and DMARC records of this domain. The server that your mail leaves through says which ones to set; Headwater does not check them yet.
          </Alert>
        )}
      </SavedForm>
    </SettingsPage>
  );
}
