import { describe, expect, it } from "vitest";
import { filesOfDrop, filesOfInput, isClutter } from "./droppedFiles.ts";

/** A file entry as a drop gives it. */
function fileEntry(fullPath: string) {
  const file = new File(["x"], fullPath.slice(fullPath.lastIndexOf("/") + 1));
  return { isFile: true, isDirectory: false, fullPath, file: (ok: (f: File) => void) => ok(file) };
}

/** A folder entry that gives its children two at a time, as browsers give them in portions. */
function folderEntry(fullPath: string, children: readonly object[]) {
  return {
    isFile: false,
    isDirectory: true,
    fullPath,
    createReader() {
      let at = 0;
      return {
        readEntries(ok: (some: readonly object[]) => void) {
          ok(children.slice(at, at + 2));
          at += 2;
        },
      };
    },
  };
}

/** A drop; browsers list a folder among its files as well. */
function drop(entries: readonly (object | null)[], files: readonly File[] = []): DataTransfer {
  const items = entries.map((entry) => ({ webkitGetAsEntry: () => entry }));
  return { items, files } as unknown as DataTransfer;
}

describe("filesOfDrop", () => {
  it("reads folders to the bottom, in portions, without clutter, and takes the root's name", async () => {
    const dropped = await filesOfDrop(
      drop([
        folderEntry("/hippo", [
          folderEntry("/hippo/images", [
            fileEntry("/hippo/images/a.nii.gz"),
            fileEntry("/hippo/images/._a.nii.gz"),
            fileEntry("/hippo/images/b.nii.gz"),
          ]),
          fileEntry("/hippo/.DS_Store"),
          fileEntry("/hippo/cases.csv"),
        ]),
      ]),
    );
    expect(dropped.name).toBe("hippo");
    expect(dropped.files.map(({ path }) => path)).toEqual([
      "images/a.nii.gz",
      "images/b.nii.gz",
      "cases.csv",
    ]);
  });

  it("keeps the folders' names when several are dropped", async () => {
    const { name, files } = await filesOfDrop(
      drop([
        folderEntry("/images", [fileEntry("/images/a.nii")]),
        folderEntry("/labels", [fileEntry("/labels/a.nii")]),
      ]),
    );
    expect(name).toBe("My cohort");
    expect(files.map(({ path }) => path)).toEqual(["images/a.nii", "labels/a.nii"]);
  });

  it("gives no file for an empty folder", async () => {
    const listed = [new File([], "empty")];
    expect((await filesOfDrop(drop([folderEntry("/empty", [])], listed))).files).toEqual([]);
  });

  it("takes files as they are where nothing has an entry", async () => {
    const dropped = await filesOfDrop(drop([null], [new File(["x"], "a.nii")]));
    expect(dropped.files.map(({ path }) => path)).toEqual(["a.nii"]);
  });
});

describe("filesOfInput", () => {
  it("takes paths from the chosen folder", () => {
    const file = Object.defineProperty(new File(["x"], "a.nii"), "webkitRelativePath", {
      value: "study/imagesTr/a.nii",
    });
    expect(filesOfInput([file])).toMatchObject({
      name: "study",
      files: [{ path: "imagesTr/a.nii" }],
    });
  });
});

describe("isClutter", () => {
  it.each([
    ["a/._b.nii", true],
    ["a/.DS_Store", true],
    ["Thumbs.db", true],
    ["a/b.nii", false],
    ["._a/b.nii", false],
  ])("%s: %s", (path, expected) => {
    expect(isClutter(path)).toBe(expected);
  });
});
