// The first step: the file.
import "@mantine/dropzone/styles.layer.css";

import { Alert, Button, Card, Collapse, Group, Progress, Select, Stack, Text } from "@mantine/core";
import { Dropzone } from "@mantine/dropzone";
import { useNavigate } from "@tanstack/react-router";
import { IconAlertTriangle, IconFileSpreadsheet, IconFileX, IconUpload } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";

import { ApiError } from "@/api/client";
import { useAddress } from "@/app/address";
import { useInBrand } from "@/app/places";
import { size } from "@/ui/formats";

import { upload } from "./upload";

const MOST = 100_000_000;

export function UploadStep() {
  const [file, setFile] = useState<File | null>(null);
  const [share, setShare] = useState(0);
  const [refused, setRefused] = useState<string | null>(null);
  const [told, setTold] = useState(false);
  const [delimiter, setDelimiter] = useState<string | null>(null);
  const [encoding, setEncoding] = useState<string | null>(null);
  const running = useRef<AbortController | null>(null);
  const navigate = useNavigate();
  const inBrand = useInBrand();
  const [{ list }] = useAddress();
  useEffect(() => () => running.current?.abort(), []);
  const send = async (chosen: File) => {
    setFile(chosen);
    setShare(0);
    setRefused(null);
    running.current = new AbortController();
    try {
      const made = await upload(chosen, { delimiter: delimiter ?? undefined, encoding: encoding ?? undefined }, setShare, running.current.signal);
      void navigate({ to: inBrand(`/imports/${made.id}`), search: (list ? { list } : {}) as never });
    } catch (error) {
      setFile(null);
      if (error instanceof ApiError) setRefused(error.detail || error.title);
    }
  };
  return (
    <Card maw={760} mx="auto">
      <Stack>
        {refused && <Alert color="red" icon={<IconAlertTriangle />} title="The file was not taken" role="alert">{refused} Nothing was imported.</Alert>}
        <Dropzone
          onDrop={(files) => files[0] && void send(files[0])}
          onReject={(files) => setRefused((files[0]?.file.size ?? 0) > MOST ? `The file has ${size(files[0]!.file.size)}; an import takes 100 MB. Split it in two.` : "This is not a CSV or text file. Save your table as CSV.")}
          maxSize={MOST}
          maxFiles={1}
          multiple={false}
          disabled={file !== null}
          accept={{ "text/csv": [".csv"], "text/plain": [".txt", ".tsv"], "application/vnd.ms-excel": [".csv"], "text/tab-separated-values": [".tsv"] }}
          inputProps={{ "aria-label": "CSV file" }}
        >
          <Stack align="center" gap="xs" py={48} style={{ pointerEvents: "none" }}>
            <Dropzone.Accept><IconUpload size={44} stroke={1.4} /></Dropzone.Accept>
            <Dropzone.Reject><IconFileX size={44} stroke={1.4} /></Dropzone.Reject>
            <Dropzone.Idle><IconFileSpreadsheet size={44} stroke={1.4} /></Dropzone.Idle>
            <Text fw={600}>Drop a CSV file here, or click to choose one</Text>
            <Text size="sm" c="dimmed" ta="center">One person a row, with an email address, an external id or a phone number. Up to 100 MB.</Text>
          </Stack>
        </Dropzone>
        {file && (
          <Stack gap={6} aria-live="polite">
            <Group justify="space-between"><Text size="sm">{share < 1 ? `Uploading ${file.name}, ${size(file.size)}` : `Reading ${file.name}`}</Text><Button size="compact-xs" variant="subtle" color="gray" onClick={() => running.current?.abort()}>Stop</Button></Group>
            <Progress value={share * 100} animated={share >= 1} striped={share >= 1} aria-label="Upload" />
          </Stack>
        )}
        <Text size="sm" c="dimmed">Nothing is taken in yet: next you say what the columns are. Nobody who unsubscribed or is suppressed is ever subscribed again by a file.</Text>
        <Button variant="subtle" size="xs" style={{ alignSelf: "flex-start" }} onClick={() => setTold(!told)} aria-expanded={told}>The file is not read right?</Button>
        <Collapse expanded={told}>
          <Group>
            <Select label="Columns are separated by" clearable placeholder="Found by itself" value={delimiter} onChange={setDelimiter} data={[{ value: ",", label: "Comma" }, { value: ";", label: "Semicolon" }, { value: "\t", label: "Tab" }, { value: "|", label: "Bar" }]} />
            <Select label="Characters are" clearable placeholder="Found by itself" value={encoding} onChange={setEncoding} data={[{ value: "utf-8", label: "UTF-8" }, { value: "utf-16", label: "UTF-16" }, { value: "windows-1252", label: "Windows (Western)" }]} />
          </Group>
        </Collapse>
      </Stack>
    </Card>
  );
}
