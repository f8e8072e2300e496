// Every address of the app, and the screen behind it. Screens load when they are first opened.
import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Outlet, parseSearchWith, redirect, stringifySearchWith } from "@tanstack/react-router";

import { ApiError } from "@/api/client";
import { LoadingPage } from "@/ui/states";

import { Crash } from "./Crash";
import { first } from "./first";
import { Missing } from "./Missing";
import { Page } from "./Page";
import { Shell } from "./Shell";

/** Any names in the query; screens know theirs. */
const anySearch = (search: Record<string, unknown>): Record<string, string> =>
  Object.fromEntries(Object.entries(search).map(([name, value]) => [name, String(value)]));

const root = createRootRoute({ component: () => <Crash><Outlet /></Crash>, notFoundComponent: () => <Missing />, validateSearch: anySearch });

type Loads = () => Promise<Record<string, unknown>>;
const screen = (load: Loads, name: string) => lazyRouteComponent(load as never, name as never);
const open = (path: string, load: Loads, name: string) => createRoute({ getParentRoute: () => root, path, component: screen(load, name) });

const start = createRoute({
  getParentRoute: () => root,
  path: "/",
  beforeLoad: async () => {
    throw redirect({ to: await first() });
  },
});

const entrance = [
  open("/login", () => import("@/screens/entrance/LogIn"), "LogIn"),
  open("/signup", () => import("@/screens/entrance/SignUp"), "SignUp"),
  open("/forgot", () => import("@/screens/entrance/ForgotPassword"), "ForgotPassword"),
  open("/reset/$key", () => import("@/screens/entrance/NewPassword"), "NewPassword"),
  open("/verify-email/$key", () => import("@/screens/entrance/VerifyEmail"), "VerifyEmail"),
  open("/invitation/$token", () => import("@/screens/entrance/Invitation"), "Invitation"),
  open("/welcome", () => import("@/screens/entrance/NewBrand"), "NewBrand"),
];

const shell = createRoute({ getParentRoute: () => root, path: "/b/$brand", component: Shell, errorComponent: ({ error }) => <Missing error={error} /> });
const inside = (path: string, load: Loads, name: string, wide = false) => {
  const Screen = screen(load, name);
  // The router asks for the screen's code ahead, through `preload`.
  const component = Object.assign(() => <Page wide={wide}><Screen /></Page>, { preload: Screen.preload });
  return createRoute({ getParentRoute: () => shell, path, component, pendingComponent: LoadingPage });
};

const flows = [
  inside("/flows", () => import("@/screens/flows/FlowsScreen"), "FlowsScreen"),
  inside("/flows/recipes", () => import("@/screens/flows/RecipesScreen"), "RecipesScreen"),
  inside("/flows/$flow", () => import("@/screens/flows/builder/FlowBuilder"), "FlowBuilder", true),
  inside("/flows/$flow/people", () => import("@/screens/flows/FlowPeopleScreen"), "FlowPeopleScreen"),
  inside("/flows/$flow/versions", () => import("@/screens/flows/FlowVersionsScreen"), "FlowVersionsScreen"),
  inside("/flows/$flow/review", () => import("@/screens/flows/FlowReviewScreen"), "FlowReviewScreen"),
  inside("/flows/$flow/backtest", () => import("@/screens/flows/BacktestScreen"), "BacktestScreen"),
  inside("/flows/$flow/test", () => import("@/screens/flows/TestWalkScreen"), "TestWalkScreen"),
];

const campaigns = [
  inside("/campaigns", () => import("@/screens/campaigns/CampaignsScreen"), "CampaignsScreen"),
  inside("/campaigns/calendar", () => import("@/screens/campaigns/CalendarScreen"), "CalendarScreen"),
  inside("/campaigns/new", () => import("@/screens/campaigns/NewCampaign"), "NewCampaign"),
  inside("/campaigns/$campaign", () => import("@/screens/campaigns/CampaignScreen"), "CampaignScreen"),
  inside("/campaigns/$campaign/edit", () => import("@/screens/campaigns/CampaignWizard"), "CampaignWizard"),
  inside("/series/new", () => import("@/screens/campaigns/SeriesScreen"), "SeriesScreen"),
  inside("/series/$series", () => import("@/screens/campaigns/SeriesScreen"), "SeriesScreen"),
];

const audience = [
  inside("/profiles", () => import("@/screens/audience/ProfilesScreen"), "ProfilesScreen"),
  inside("/profiles/$profile", () => import("@/screens/audience/ProfileScreen"), "ProfileScreen"),
  inside("/segments", () => import("@/screens/segments/SegmentsScreen"), "SegmentsScreen"),
  inside("/segments/new", () => import("@/screens/segments/SegmentBuilder"), "SegmentBuilder"),
  inside("/segments/$segment", () => import("@/screens/segments/SegmentScreen"), "SegmentScreen"),
  inside("/segments/$segment/edit", () => import("@/screens/segments/SegmentBuilder"), "SegmentBuilder"),
  inside("/lists", () => import("@/screens/audience/ListsScreen"), "ListsScreen"),
  inside("/lists/$list", () => import("@/screens/audience/ListScreen"), "ListScreen"),
  inside("/imports", () => import("@/screens/audience/ImportsScreen"), "ImportsScreen"),
  inside("/imports/new", () => import("@/screens/audience/ImportWizard"), "ImportWizard"),
  inside("/imports/$import", () => import("@/screens/audience/ImportWizard"), "ImportWizard"),
  inside("/suppressions", () => import("@/screens/audience/SuppressionsScreen"), "SuppressionsScreen"),
];

const content = [
  inside("/templates", () => import("@/screens/content/TemplatesScreen"), "TemplatesScreen"),
  inside("/templates/$template", () => import("@/screens/content/TemplateEditor"), "TemplateEditor", true),
  inside("/coupons", () => import("@/screens/content/CouponsScreen"), "CouponsScreen"),
  inside("/products", () => import("@/screens/content/ProductsScreen"), "ProductsScreen"),
];

const insights = [
  createRoute({ getParentRoute: () => shell, path: "/", beforeLoad: ({ params }) => { throw redirect({ to: `/b/${params.brand}/home`, replace: true }); } }),
  inside("/home", () => import("@/screens/home/HomeScreen"), "HomeScreen"),
  inside("/insights/flows", () => import("@/screens/insights/FlowsReport"), "FlowsReport"),
  inside("/insights/campaigns", () => import("@/screens/insights/CampaignsReport"), "CampaignsReport"),
  inside("/insights/deliverability", () => import("@/screens/insights/DeliverabilityReport"), "DeliverabilityReport"),
];

const settings = [
  inside("/settings/brand", () => import("@/screens/settings/BrandSettings"), "BrandSettings"),
  inside("/settings/senders", () => import("@/screens/settings/SenderSettings"), "SenderSettings"),
  inside("/settings/people", () => import("@/screens/settings/PeopleSettings"), "PeopleSettings"),
  inside("/settings/keys", () => import("@/screens/settings/KeySettings"), "KeySettings"),
  inside("/settings/limits", () => import("@/screens/settings/LimitSettings"), "LimitSettings"),
  inside("/settings/webhooks", () => import("@/screens/settings/WebhookSettings"), "WebhookSettings"),
  inside("/settings/data", () => import("@/screens/settings/DataSettings"), "DataSettings"),
  inside("/settings/account", () => import("@/screens/settings/AccountSettings"), "AccountSettings"),
];

const rooms = shell.addChildren([...insights, ...flows, ...campaigns, ...audience, ...content, ...settings]);

export const router = createRouter({
  routeTree: root.addChildren([start, ...entrance, rooms]),
  // The query holds plain words: days=90, not days=%2290%22.
  parseSearch: parseSearchWith((value) => value),
  stringifySearch: stringifySearchWith((value) => value),
  defaultPreload: "intent",
  defaultPendingComponent: LoadingPage,
  defaultErrorComponent: ({ error }) => <Missing error={error as ApiError} />,
  scrollRestoration: true,
});
