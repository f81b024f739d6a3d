import "../styles/viewer.css";
import { Loader } from "@mantine/core";
import { Message } from "../ui/Message.tsx";
import type { CaseViewProps } from "./caseView.ts";
import { LoadedCase } from "./LoadedCase.tsx";
import { useCaseImage } from "./useCaseImage.ts";

/** A stored case: its slices in three planes, masks over them, chosen slices marked. */
export function CaseViewer(props: CaseViewProps) {
  const { cohortId, caseId } = props;
  const image = useCaseImage(cohortId, caseId);
  if (image.status === "failed") {
    return (
      <Message kind="bad">
        <p>{image.problem}</p>
      </Message>
    );
  }
  if (image.status === "loading") {
    return (
      <div className="viewerLoading" role="status">
        <Loader size="sm" />
        Reading the volume
      </div>
    );
  }
  return <LoadedCase key={`${cohortId} ${caseId}`} {...props} image={image.value} />;
}
