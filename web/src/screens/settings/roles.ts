// What each role may do, in words, and which ones a person may give.
import type { Role } from "@/app/session";

export const ROLES: { value: Role; label: string; may: string }[] = [
  { value: "analyst", label: "Analyst", may: "Reads everything, changes nothing." },
  { value: "marketer", label: "Marketer", may: "Also makes and sends: audience, content, flows, campaigns, exports." },
  { value: "admin", label: "Admin", may: "Also the brand’s settings, people, keys, and erasing people for good." },
  { value: "owner", label: "Owner", may: "Also makes and unmakes owners." },
];

const RANK: Record<Role, number> = { analyst: 0, marketer: 1, admin: 2, owner: 3 };

/** Nobody gives a role above their own. */
export const givenBy = (own: Role) => ROLES.filter((role) => RANK[role.value] <= RANK[own]);

/** Whether one may change or remove someone of this role. */
export const mayChange = (own: Role, theirs: Role): boolean => RANK[own] >= RANK.admin && RANK[own] >= RANK[theirs];

export const roleName = (role: string): string => ROLES.find((one) => one.value === role)?.label ?? role;
