// The app begins here: look, language, server state, addresses.
import "@fontsource-variable/inter";
import "@mantine/core/styles.layer.css";
import "@/app/base.css";

import { localStorageColorSchemeManager, MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { lazy, StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { ApiError, query } from "@/api/client";
import { Afterwards } from "@/app/Afterwards";
import { router } from "@/app/routes";
import { theme, variables } from "@/app/theme";

const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      // What the server refused stays refused; what did not reach it is tried again.
      retry: (times, error) => times < 2 && (!(error instanceof ApiError) || error.status === 0 || error.status >= 502),
    },
  },
});
// Every screen of a brand waits for who is logged in: asked while the screen's script still comes.
if (location.pathname.startsWith("/b/")) void client.prefetchQuery(query.queryOptions("get", "/api/v1/me", {}));

const NoticeBoard = lazy(() => import("@/app/NoticeBoard"));
const scheme = localStorageColorSchemeManager({ key: "headwater:scheme" });

// After an upgrade an open page asks for files that are no longer there: it is loaded anew, once. Unsaved work is kept.
window.addEventListener("vite:preloadError", () => {
  const last = Number(sessionStorage.getItem("headwater:reloaded") ?? 0);
  if (Date.now() - last < 30_000) return;
  sessionStorage.setItem("headwater:reloaded", String(Date.now()));
  location.reload();
});

createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <MantineProvider theme={theme} cssVariablesResolver={variables} colorSchemeManager={scheme} defaultColorScheme="auto">
      <QueryClientProvider client={client}>
        <Afterwards><NoticeBoard /></Afterwards>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
