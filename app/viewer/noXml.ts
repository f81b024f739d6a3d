/**
 * Stands for xmlbuilder2, with which vtk.js reads and writes XML files. The page reads none, and
 * that package needs Node.
 */
export function create(): never {
  throw new Error("this page reads no XML files");
}
