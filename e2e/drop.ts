import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "@playwright/test";

/** Drops a file or folder of the disk on the page, as the system's file manager would. */
export async function drop(page: Page, path: string): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files: [path], dragOperationsMask: 1 };
  for (const type of ["dragEnter", "dragOver", "drop"] as const) {
    await session.send("Input.dispatchDragEvent", { type, x: 400, y: 300, data });
  }
  await session.detach();
}

const SIZE = 32;
const DEPTH = 4;

/** Writes a cohort so small that software trains on it in seconds: bright boxes, uint8. */
export function writeTinyCohort(folder: string, cases: number): void {
  for (const part of ["imagesTr", "labelsTr"]) mkdirSync(join(folder, part), { recursive: true });
  for (let index = 0; index < cases; index++) {
    const mask = Uint8Array.from({ length: DEPTH * SIZE * SIZE }, (_, place) => {
      const [y, x] = [Math.floor(place / SIZE) % SIZE, place % SIZE];
      return y > 6 + index && y < 22 + index && x > 8 && x < 24 ? 1 : 0;
    });
    // A pattern in place of noise: the same on every call.
    const image = mask.map((one, place) => (one ? 170 : 60) + ((place * 37) % 41));
    writeFileSync(join(folder, "imagesTr", `case${index}.nii`), nifti(image));
    writeFileSync(join(folder, "labelsTr", `case${index}.nii`), nifti(mask));
  }
}

/** NIfTI-1, one file, uint8, 1 mm, RAS. */
function nifti(voxels: Uint8Array): Uint8Array {
  const header = new DataView(new ArrayBuffer(352));
  header.setInt32(0, 348, true);
  for (const [at, count] of [3, SIZE, SIZE, DEPTH, 1, 1, 1, 1].entries()) {
    header.setInt16(40 + 2 * at, count, true);
    header.setFloat32(76 + 4 * at, 1, true);
  }
  header.setInt16(70, 2, true); // uint8
  header.setInt16(72, 8, true); // bits
  header.setFloat32(108, 352, true); // where voxels begin
  header.setInt16(254, 1, true); // the rows below say where voxels are
  for (const at of [280, 300, 320]) header.setFloat32(at, 1, true);
  header.setInt32(344, 0x00312b6e, true); // "n+1"
  return Buffer.concat([new Uint8Array(header.buffer), voxels]);
}
