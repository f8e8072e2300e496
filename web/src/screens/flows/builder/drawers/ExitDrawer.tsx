// The end of the flow for whoever comes here.
import { Text } from "@mantine/core";


export function ExitDrawer() {
  return <Text size="sm">Whoever comes here leaves the flow. They may enter again as the flow says. Nothing can follow an exit in its branch.</Text>;
}
