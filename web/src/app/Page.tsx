// Room around a screen; a wide one (a builder) has all of it for itself.
import { Container } from "@mantine/core";
import { type ReactNode, Suspense } from "react";

import { LoadingPage } from "@/ui/states";

export function Page({ wide, children }: { wide: boolean; children: ReactNode }) {
  const content = <Suspense fallback={<Container size={1240} py="lg"><LoadingPage /></Container>}>{children}</Suspense>;
  return wide ? content : <Container size={1240} px={{ base: "md", sm: "lg" }} py={{ base: "md", sm: "lg" }}>{content}</Container>;
}
