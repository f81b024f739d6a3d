import { type ExportFile, jsonText } from "./exportFile.ts";
import type { Worklist, WorklistSlice } from "./worklist.ts";

const schema =
  "https://raw.githubusercontent.com/slicer/slicer/master/Modules/Loadable/Markups/Resources/Schema/markups-schema-v1.0.3.json#";

/**
 * A point list per case for 3D Slicer: a control point in the centre of every slice to
 * annotate; a click on it in the Markups module jumps there. Positions are LPS, mm.
 *
 * Every point says `positionStatus` "defined": readers of Slicer 5 leave points without it out.
 *
 * Source: Slicer's markups schema 1.0.3.
 */
export function slicerMarkups({ cases }: Worklist): ExportFile[] {
  return cases.map(({ id, fileName, slices }) => ({
    path: `${fileName}.mrk.json`,
    content: jsonText({
      "@schema": schema,
      markups: [
        {
          type: "Fiducial",
          name: `${id} slices`,
          coordinateSystem: "LPS",
          coordinateUnits: "mm",
          locked: true,
          fixedNumberOfControlPoints: true,
          labelFormat: "%N-%d",
          controlPoints: slices.map(pointOf),
        },
      ],
    }),
  }));
}

function pointOf(slice: WorklistSlice, at: number) {
  const [right, anterior, superior] = slice.center;
  return {
    id: `${at + 1}`,
    label: `slice ${slice.index1}`,
    description: `${slice.axis} = ${slice.index0} from 0; priority ${slice.priority}; ${slice.reason}`,
    associatedNodeID: "",
    // 0 - x, so that 0 stays 0.
    position: [0 - right, 0 - anterior, superior],
    orientation: [-1, 0, 0, 0, -1, 0, 0, 0, 1],
    selected: true,
    locked: true,
    visibility: true,
    positionStatus: "defined",
  };
}
