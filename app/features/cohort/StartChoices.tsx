import { Button, Title } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { Icon } from "../../ui/Icon.tsx";
import { type FolderFiles, filesOfInput } from "./droppedFiles.ts";

interface StartChoicesProps {
  readonly disabled: boolean;
  /** A cohort is open: the choices shrink to a row of buttons. */
  readonly compact: boolean;
  readonly onSample: () => void;
  readonly onQuick: () => void;
  readonly onFiles: (files: FolderFiles) => void;
}

/** The two ways to a cohort: the sample, or a folder of one's own. */
export function StartChoices({ disabled, compact, onSample, onQuick, onFiles }: StartChoicesProps) {
  const input = useRef<HTMLInputElement>(null);
  const [isNothingChosen, setIsNothingChosen] = useState(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the other layout has another input
  useEffect(() => {
    const { current } = input;
    // Browsers report an empty folder as a choice that was called off.
    const say = () => setIsNothingChosen(true);
    current?.addEventListener("cancel", say);
    return () => current?.removeEventListener("cancel", say);
  }, [compact]);
  const sample = (
    <Button
      variant={compact ? "default" : "filled"}
      size={compact ? "xs" : "sm"}
      disabled={disabled}
      onClick={onSample}
    >
      Open the sample cohort
    </Button>
  );
  const quick = (
    <Button
      variant={compact ? "default" : "outline"}
      size={compact ? "xs" : "sm"}
      disabled={disabled}
      onClick={onQuick}
    >
      Run a quick experiment
    </Button>
  );
  const folder = (
    <>
      <Button
        variant="default"
        size={compact ? "xs" : "sm"}
        disabled={disabled}
        onClick={() => {
          setIsNothingChosen(false);
          input.current?.click();
        }}
      >
        Choose a folder
      </Button>
      <input
        ref={input}
        type="file"
        hidden
        multiple
        aria-label="Folder of images and masks"
        {...{ webkitdirectory: "" }}
        onChange={(event) => {
          const { files } = event.currentTarget;
          onFiles(filesOfInput(files ?? []));
          event.currentTarget.value = "";
        }}
      />
      <span className="soft" role="status">
        {isNothingChosen ? "No file was chosen; an empty folder holds nothing to open." : ""}
      </span>
    </>
  );
  if (compact) {
    return (
      <div className="choiceButtons">
        {quick}
        {sample}
        {folder}
      </div>
    );
  }
  return (
    <div className="choices">
      <section className="choice" aria-labelledby="choice-sample">
        <span className="choiceArt">
          <Icon name="stack" />
        </span>
        <Title order={2} id="choice-sample">
          Start with real scans
        </Title>
        <p className="soft">
          Hippocampus MR volumes with masks come with this page. The quick experiment trains a few
          small networks on them here, in a minute or two, and draws IoU against the number of
          annotated slices.
        </p>
        <div className="choiceButtons">
          {sample}
          {quick}
        </div>
      </section>
      <section className="choice" data-drop aria-labelledby="choice-own">
        <span className="choiceArt">
          <Icon name="folder" />
        </span>
        <Title order={2} id="choice-own">
          Or open your own cohort
        </Title>
        <p className="soft">
          Drop a folder of NIfTI, NRRD, MetaImage or DICOM images with masks anywhere on this page.
          Recognised: DICOM series with SEG or RTSTRUCT, by patient;{" "}
          <span className="mono">imagesTr/labelsTr</span>,{" "}
          <span className="mono">images/labels</span>, or files that end in{" "}
          <span className="mono">_seg</span>, <span className="mono">_mask</span> or{" "}
          <span className="mono">_label</span>. A <span className="mono">cases.csv</span> with
          columns case, patient keeps each patient on one side of the split.
        </p>
        <div className="choiceButtons">{folder}</div>
      </section>
    </div>
  );
}
