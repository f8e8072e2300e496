// Parameters that the links of one email carry, over those of the brand.
import { Input, SimpleGrid, Switch, TextInput } from "@mantine/core";

const USUAL = ["utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term"];

type Utm = Record<string, string> | null | undefined;

export function UtmFields({ value, onChange, error }: { value: Utm; onChange: (value: Utm) => void; error?: string }) {
  const own = value !== undefined && value !== null;
  const names = own ? [...new Set([...USUAL, ...Object.keys(value)])] : [];
  const put = (name: string, text: string) => {
    const { [name]: _gone, ...rest } = value ?? {};
    onChange(text ? { ...rest, [name]: text } : rest);
  };
  return (
    <Input.Wrapper error={error} labelElement="div">
      <Switch label="UTM parameters of its own" description="Otherwise its links carry those of the brand." checked={own} onChange={(event) => onChange(event.currentTarget.checked ? {} : undefined)} />
      {own && (
        <SimpleGrid cols={2} spacing="xs" mt="xs">
          {names.map((name) => <TextInput key={name} size="xs" label={name} value={value[name] ?? ""} onChange={(event) => put(name, event.currentTarget.value)} />)}
        </SimpleGrid>
      )}
    </Input.Wrapper>
  );
}
