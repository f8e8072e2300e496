// The state of the table of people in its address, and what is asked of the API by it.
export const PAGE = 50;

export interface TableAddress {
  q?: string;
  consent?: string;
  list?: string;
  segment?: string;
  country?: string;
  suppressed?: string;
  since?: string;
  sort?: string;
  cursor?: string;
  page?: string;
  [name: string]: string | undefined;
}

export const FILTERS = ["consent", "list", "segment", "country", "suppressed", "since"] as const;
export type FilterName = (typeof FILTERS)[number];

type Consent = "subscribed" | "unsubscribed" | "never_subscribed";
type Sort = "created" | "email" | "name" | "orders" | "value";

export interface Asked {
  q?: string;
  consent?: Consent;
  list_id?: number;
  segment_id?: number;
  country?: string;
  suppressed?: boolean;
  created_since?: string;
  sort: Sort;
  order: "asc" | "desc";
  cursor?: string;
  limit: number;
}

const SORTS: string[] = ["created", "email", "name", "orders", "value"];
const CONSENTS: string[] = ["subscribed", "unsubscribed", "never_subscribed"];

const id = (text: string | undefined) => (text && /^[1-9]\d{0,17}$/.test(text) ? Number(text) : undefined);

/** Whatever stands in the address, only what the API knows is asked. */
export function asked(address: Partial<TableAddress>): Asked {
  const sort = address.sort ?? "-created";
  const by = sort.replace(/^-/, "");
  const known = SORTS.includes(by);
  return {
    q: address.q || undefined,
    consent: CONSENTS.includes(address.consent ?? "") ? (address.consent as Consent) : undefined,
    list_id: id(address.list),
    segment_id: id(address.segment),
    country: address.country || undefined,
    suppressed: address.suppressed === "yes" ? true : address.suppressed === "no" ? false : undefined,
    created_since: address.since && !Number.isNaN(Date.parse(address.since)) ? new Date(address.since).toISOString() : undefined,
    sort: known ? (by as Sort) : "created",
    order: known && !sort.startsWith("-") ? "asc" : "desc",
    cursor: address.cursor || undefined,
    limit: PAGE,
  };
}

/** A change of what is asked begins again on the first page. */
export const fromTheStart = (change: Partial<TableAddress>): Partial<TableAddress> => ({ ...change, cursor: undefined, page: undefined });

/** "51–100 of about 1,000,000": the first and the last row of a page. */
export function span(page: number, rows: number): [number, number] {
  const first = (page - 1) * PAGE + 1;
  return [first, first + rows - 1];
}
