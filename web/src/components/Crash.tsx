// SPDX-License-Identifier: Apache-2.0
import { Component, type ReactNode } from "react";
import { Notice } from "./Notice";

interface State {
  error: Error | null;
}

/** Keeps a fault of one view from emptying the page. */
export class Crash extends Component<{ children: ReactNode }, State> {
  override state: State = { error: null };

  static getDerivedStateFromError(error: Error): State {
    return { error };
  }

  override render() {
    if (!this.state.error) return this.props.children;
    return (
      <Notice tone="fail" title="This view has failed.">
        <p>{this.state.error.message}</p>
        <p>
          <a href={location.href}>Load it again</a>
        </p>
      </Notice>
    );
  }
}
