// Fresh codes for a pool: pasted, a line each, or from a file.
import { FileButton, Button, Group, Text, Textarea } from "@mantine/core";
import { IconUpload } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api, ApiError } from "@/api/client";
import { tellDone } from "@/app/notices";
import { FormDrawer } from "@/ui/FormDrawer";
import { counted } from "@/ui/formats";

import { read } from "./codes";
import type { Coupon } from "./CouponsScreen";

const AT_ONCE = 10_000;

export function AddCodes({ coupon, onClose }: { coupon: Coupon | null; onClose: () => void }) {
  const [written, setWritten] = useState("");
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<string | null>(null);
  const client = useQueryClient();
  const codes = read(written);
  const close = () => {
    setWritten("");
    setRefused(null);
    onClose();
  };
  const add = async () => {
    if (!coupon || codes.length === 0) return;
    setBusy(true);
    setRefused(null);
    let added = 0;
    try {
      for (let start = 0; start < codes.length; start += AT_ONCE) {
        const body = { codes: codes.slice(start, start + AT_ONCE) };
        added += (await api.POST("/api/v1/coupons/{name}/codes", { params: { path: { name: coupon.name } }, body })).data!.added;
      }
      tellDone(added === codes.length ? `${counted(added, "code")} added.` : `${counted(added, "code")} added; the others were there already.`);
      close();
    } catch (error) {
      const words = error instanceof ApiError ? error.detail : "They were not added.";
      setRefused(added > 0 ? `${words} ${counted(added, "code")} had been added before; adding them again does no harm.` : words);
    } finally {
      setBusy(false);
      await client.invalidateQueries({ queryKey: ["get", "/api/v1/coupons"] });
    }
  };
  return (
    <FormDrawer opened={coupon !== null} onClose={close} title={`Add codes to ${coupon?.name ?? ""}`} action={codes.length > 0 ? `Add ${counted(codes.length, "code")}` : "Add codes"} busy={busy} refused={refused} onSubmit={() => void add()}>
      <Text size="sm" c="dimmed">One code a line. Each goes to one person; those that are there already are left as they are.</Text>
      <Textarea label="Codes" autosize minRows={8} maxRows={18} value={written} onChange={(event) => setWritten(event.currentTarget.value)} placeholder={"SPRING-7KQ2M\nSPRING-9XW4B"} />
      <Group>
        <FileButton accept=".csv,.txt,text/plain,text/csv" onChange={(file) => void file?.text().then(setWritten)}>
          {(props) => <Button {...props} size="xs" variant="default" leftSection={<IconUpload size={14} aria-hidden />}>From a file</Button>}
        </FileButton>
      </Group>
    </FormDrawer>
  );
}
