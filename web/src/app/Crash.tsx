// A screen that fails takes nothing else with it.
import { Container } from "@mantine/core";
import { Component, type ReactNode } from "react";

import { Failed } from "@/ui/states";

interface Props {
  children: ReactNode;
}

export class Crash extends Component<Props, { error: unknown }> {
  override state = { error: null as unknown };

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  override render() {
    if (this.state.error === null) return this.props.children;
    return (
      <Container size="sm" py="xl">
        <Failed error={this.state.error} retry={() => location.reload()} />
      </Container>
    );
  }
}
