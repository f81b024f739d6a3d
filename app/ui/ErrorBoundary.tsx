import { Button } from "@mantine/core";
import { Component, type ReactNode } from "react";
import { Message } from "./Message.tsx";

interface ErrorBoundaryProps {
  readonly children: ReactNode;
}

/** Shows what went wrong instead of an empty page; nothing stored is lost. */
export class ErrorBoundary extends Component<ErrorBoundaryProps, { error: Error | null }> {
  override state: { error: Error | null } = { error: null };

  static getDerivedStateFromError(error: unknown) {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  override render() {
    const { error } = this.state;
    if (!error) return this.props.children;
    return (
      <Message kind="bad">
        <p>
          <strong>This part of the page stopped working.</strong> Finished trials are stored and
          safe. Try again, or reload the page.
        </p>
        <p className="mono">{error.message}</p>
        <Button size="xs" mt="xs" onClick={() => this.setState({ error: null })}>
          Try again
        </Button>
      </Message>
    );
  }
}
