import { Button, Group } from "@mantine/core";
import { useActions, useApp } from "../../PageContext.tsx";
import { Message } from "../../ui/Message.tsx";

/** Offers to go on with an experiment of an earlier visit. */
export function UnfinishedOffer() {
  const unfinished = useApp((state) => state.run.unfinished);
  const isIdle = useApp((state) => state.run.status === "idle");
  const { continueUnfinished, discardUnfinished } = useActions();
  if (!unfinished || !isIdle) return null;
  const { name, done, total } = unfinished;
  return (
    <Message kind="info">
      <p>
        <strong>“{name}” was not finished:</strong> {done} of {total} trials are done and kept.
      </p>
      <Group gap="xs" mt="xs">
        <Button size="xs" onClick={() => void continueUnfinished()}>
          Go on
        </Button>
        <Button size="xs" variant="default" onClick={() => void discardUnfinished()}>
          Give up the rest
        </Button>
      </Group>
    </Message>
  );
}
