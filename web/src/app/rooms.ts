// The rooms of the app, as the side and the command palette name them.
import { type Icon, IconChartBar, IconHome, IconMail, IconRoute, IconSettings, IconTemplate, IconUsers } from "@tabler/icons-react";

import type { Role } from "./session";

export interface Place {
  label: string;
  /** Inside the brand. */
  path: string;
  /** Other words that lead there. */
  also?: string;
  least?: Role;
}

export interface Room {
  label: string;
  icon: Icon;
  path: string;
  places?: Place[];
}

export const ROOMS: Room[] = [
  { label: "Home", icon: IconHome, path: "/home" },
  { label: "Flows", icon: IconRoute, path: "/flows" },
  {
    label: "Campaigns",
    icon: IconMail,
    path: "/campaigns",
    places: [
      { label: "All campaigns", path: "/campaigns" },
      { label: "Calendar", path: "/campaigns/calendar" },
    ],
  },
  {
    label: "Audience",
    icon: IconUsers,
    path: "/profiles",
    places: [
      { label: "Profiles", path: "/profiles", also: "people customers contacts" },
      { label: "Segments", path: "/segments" },
      { label: "Lists", path: "/lists" },
      { label: "Imports", path: "/imports", also: "csv upload" },
      { label: "Suppressions", path: "/suppressions", also: "bounces blocked" },
    ],
  },
  {
    label: "Content",
    icon: IconTemplate,
    path: "/templates",
    places: [
      { label: "Templates", path: "/templates", also: "emails" },
      { label: "Coupons", path: "/coupons", also: "codes discounts" },
      { label: "Products", path: "/products", also: "catalog stock" },
    ],
  },
  {
    label: "Insights",
    icon: IconChartBar,
    path: "/insights/flows",
    places: [
      { label: "Flows report", path: "/insights/flows" },
      { label: "Campaigns report", path: "/insights/campaigns" },
      { label: "Deliverability", path: "/insights/deliverability", also: "bounces complaints gmail" },
    ],
  },
  {
    label: "Settings",
    icon: IconSettings,
    path: "/settings/brand",
    places: [
      { label: "Brand", path: "/settings/brand", also: "time zone currency logo" },
      { label: "Senders", path: "/settings/senders", also: "from address reply-to" },
      { label: "People", path: "/settings/people", also: "roles invitations members colleagues" },
      { label: "API keys", path: "/settings/keys", least: "admin" },
      { label: "Sending limits", path: "/settings/limits", also: "quiet hours smart sending frequency caps" },
      { label: "Webhooks", path: "/settings/webhooks" },
      { label: "Data", path: "/settings/data", also: "exports retention" },
      { label: "My account", path: "/settings/account", also: "password two-factor passkeys" },
    ],
  },
];
