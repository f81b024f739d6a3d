import * as cornerstone from "@cornerstonejs/core";
import type { CaseImage, MaskVoxels } from "#core/view/maskSource.ts";
import type { Grid } from "#core/volume/grid.ts";
import type { VoxelArray } from "#core/volume/volume.ts";
import { CornerstonePainter, type Volumes } from "./cornerstonePainter.ts";
import type { Painter, Stage } from "./stage.ts";
import { displayGrid, displayPoint } from "./toCornerstone.ts";

let isStarted = false;
let created = 0;

/**
 * Draws slices by WebGL.
 *
 * @throws Error when the browser has no WebGL
 */
export function cornerstoneStage(image: CaseImage): Promise<Stage> {
  // Checked before: without WebGL cornerstone fails in the middle of drawing.
  if (!document.createElement("canvas").getContext("webgl2")) {
    return Promise.reject(new Error("this browser has no WebGL 2"));
  }
  if (!isStarted) {
    cornerstone.init({
      rendering: { webGlContextCount: 1 },
      debug: { statsOverlay: false },
    });
    isStarted = true;
  }
  return Promise.resolve(new CornerstoneStage(image));
}

/** Volumes of one case in cornerstone's cache, and panes that draw them. */
class CornerstoneStage implements Stage, Volumes {
  readonly grid: Grid;
  readonly imageId: string;
  readonly #engine: cornerstone.RenderingEngine;
  readonly #masks = new Map<MaskVoxels, string>();
  readonly #painters = new Set<CornerstonePainter>();
  #panes = 0;

  constructor(image: CaseImage) {
    this.grid = image.grid;
    created++;
    // No colon: cornerstone takes what stands before one for the name of a loader.
    this.imageId = `case${created}`;
    this.#engine = new cornerstone.RenderingEngine(`engine${created}`);
    this.#addVolume(this.imageId, image.voxels);
  }

  attach(host: HTMLElement): Painter {
    this.#panes++;
    const id = `${this.imageId}pane${this.#panes}`;
    const painter = new CornerstonePainter(this, this.#engine, host, id);
    this.#painters.add(painter);
    return painter;
  }

  repaintOthers(but: CornerstonePainter): void {
    for (const painter of this.#painters) if (painter !== but) painter.repaint();
  }

  forget(painter: CornerstonePainter): void {
    this.#painters.delete(painter);
  }

  /** The volume of a mask. */
  maskId(mask: MaskVoxels): string {
    const known = this.#masks.get(mask);
    if (known) return known;
    const id = `${this.imageId}mask${this.#masks.size}`;
    this.#masks.set(mask, id);
    this.#addVolume(id, mask.voxels);
    return id;
  }

  dispose(): void {
    this.#engine.destroy();
    for (const id of [this.imageId, ...this.#masks.values()]) {
      cornerstone.cache.removeVolumeLoadObject(id);
    }
    this.#masks.clear();
  }

  #addVolume(id: string, voxels: VoxelArray): void {
    const { grid } = this;
    const { dimensions, spacing, origin, direction } = displayGrid(grid);
    const [width, height] = dimensions;
    const orientation = direction.slice(0, 6);
    const volume = cornerstone.volumeLoader.createLocalVolume(id, {
      dimensions,
      spacing,
      origin,
      direction: [...direction],
      scalarData: voxels as cornerstone.Types.PixelDataTypedArray,
      metadata: {
        BitsAllocated: voxels.BYTES_PER_ELEMENT * 8,
        BitsStored: voxels.BYTES_PER_ELEMENT * 8,
        SamplesPerPixel: 1,
        HighBit: voxels.BYTES_PER_ELEMENT * 8 - 1,
        PhotometricInterpretation: "MONOCHROME2",
        PixelRepresentation: voxels instanceof Int16Array ? 1 : 0,
        Modality: "OT",
        ImageOrientationPatient: orientation,
        PixelSpacing: [spacing[1], spacing[0]],
        FrameOfReferenceUID: this.imageId,
        Columns: width,
        Rows: height,
        voiLut: [],
        VOILUTFunction: "LINEAR",
      },
    });
    // Only slices that are said to have changed are sent to the graphics processor.
    for (const slice of volume.imageIds.keys()) volume.vtkOpenGLTexture?.setUpdatedFrame(slice);
    // It gives every slice the place of the first.
    for (const [slice, imageId] of volume.imageIds.entries()) {
      const plane: object = cornerstone.metaData.get("imagePlaneModule", imageId) ?? {};
      cornerstone.utilities.genericMetadataProvider.add(imageId, {
        type: "imagePlaneModule",
        metadata: {
          ...plane,
          frameOfReferenceUID: this.imageId,
          imagePositionPatient: displayPoint(grid, [slice, 0, 0]),
          imageOrientationPatient: orientation,
        },
      });
    }
  }
}
