// Whether this instance still waits for its first account.
import { useQuery } from "@tanstack/react-query";

import { account } from "@/api/account";

interface Config {
  account?: { is_open_for_signup?: boolean };
}

export function useOpen() {
  return useQuery({ queryKey: ["account", "config"], queryFn: async () => (await account<Config>("GET", "/config")).data });
}
