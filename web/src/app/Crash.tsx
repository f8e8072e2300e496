// A screen that fails takes nothing else with it, and the next one begins anew.
import { Container } from "@mantine/core";
import { Component, type ReactNode } from "react";

import { Failed } from "@/ui/states";

interface Props {
  children: ReactNode;
  /** Where the person has come to: elsewhere, a failure is forgotten. Not a `key`, which would begin the screen that is
   * being left once more, until the next one is there. */
  at?: string;
}

interface State {
  error: unknown;
  at: string | undefined;
}

export class Crash extends Component<Props, State> {
  override state: State = { error: null, at: this.props.at };

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  static getDerivedStateFromProps({ at }: Props, state: State): State | null {
    return at === state.at ? null : { error: null, at };
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
