// Nobody meets the search and the filters.
import { Button } from "@mantine/core";
import { IconUserSearch } from "@tabler/icons-react";

import { Empty } from "@/ui/states";

export function NobodyLikeThis({ clear }: { clear: () => void }) {
  return (
    <Empty icon={IconUserSearch} title="Nobody is like this" action={<Button variant="default" onClick={clear}>Clear search and filters</Button>}>
      Try fewer words or filters. The search looks at addresses, names, external ids and phone numbers.
    </Empty>
  );
}
