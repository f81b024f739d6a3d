import { volumeEnding } from "../formats/readVolume.ts";
import type { Layout } from "./cohort.ts";
import { grouped } from "./grouped.ts";

/** A NIfTI, NRRD or MetaImage file in the part it may play. */
export interface RoleFile {
  readonly path: string;
  /** Folder, "" at the top. */
  readonly folder: string;
  /** File name without its ending. */
  readonly stem: string;
}

/** Files among which images and masks find each other. */
export interface RoleGroup {
  /** Folder that holds all of them, "" at the top. */
  readonly place: string;
  readonly images: readonly RoleFile[];
  readonly masks: readonly RoleFile[];
  /** The name that image and mask of one case share. */
  readonly keyOf: (file: RoleFile) => string;
}

/** A way in which people arrange cohorts on disk. */
export interface LayoutReader {
  readonly layout: Layout;
  /** The groups it sees; none when files are not arranged this way. */
  groups(files: readonly RoleFile[]): RoleGroup[];
}

/** NIfTI, NRRD and MetaImage files as layouts see them; hidden files and what macOS adds are left out. */
export function roleFiles(paths: readonly string[]): RoleFile[] {
  return paths
    .filter((path) => volumeEnding.test(path) && !isHidden(path))
    .sort((a, b) => (a < b ? -1 : 1))
    .map((path) => {
      const at = path.lastIndexOf("/");
      const folder = path.slice(0, Math.max(0, at));
      return { path, folder, stem: withoutExtension(path.slice(at + 1)) };
    });
}

/** `a.nii.gz`, `a.nrrd` and `a.mha` become `a`. */
export function withoutExtension(name: string): string {
  return name.replace(volumeEnding, "");
}

function isHidden(path: string): boolean {
  return path.split("/").some((part) => part.startsWith(".") || part === "__MACOSX");
}

const maskWords =
  "seg|gmseg|segmentation|mask|msk|label|labels|labelmap|gt|groundtruth|roi|annotation|manual";
const imageWords = "image|img|volume|vol|scan";
const maskEnding = new RegExp(`(^|[._-])(${maskWords})([._-]manual)?$`, "i");
const imageEnding = new RegExp(`(^|[._-])(${imageWords})$`, "i");
/** nnU-Net's number of a channel. */
const channelEnding = /_\d{4}$/;

/** Whether a file calls itself a mask by the end of its name. */
export function isNamedMask(stem: string): boolean {
  return maskEnding.test(stem);
}

function withoutRole(stem: string): string {
  return isNamedMask(stem) ? stem.replace(maskEnding, "") : stem.replace(imageEnding, "");
}

/** The channel that an image's name ends with, 0 where it has none. */
export function channelOf(stem: string, key: string): number {
  const rest = stem.slice(key.length);
  return channelEnding.test(rest) ? Number(rest.slice(1)) : 0;
}

/** `imagesTr` and `labelsTr` beside each other: nnU-Net and the Medical Segmentation Decathlon. */
const nnunetOrMsd: LayoutReader = {
  layout: "nnunet-or-msd",
  groups: (files) =>
    siblings(files, /^imagesTr$/i, /^labelsTr$/i).map(({ place, images, masks }) => {
      const masked = new Set(masks.map(({ stem }) => stem));
      const bare = (stem: string) => stem.replace(channelEnding, "");
      // A name may end in four digits without meaning a channel: masks tell which.
      const hasChannels = images.some(({ stem }) => !masked.has(stem) && masked.has(bare(stem)));
      const keyOf = ({ stem }: RoleFile) => (hasChannels && !masked.has(stem) ? bare(stem) : stem);
      return { place, images, masks, keyOf };
    }),
};

/** A folder of images beside a folder of masks; names alike but for what they are. */
const imagesLabels: LayoutReader = {
  layout: "images-labels",
  groups: (files) =>
    siblings(
      files,
      /^(images?|imgs?|volumes?|scans?)$/i,
      /^(labels?|masks?|segmentations?|segs?|annotations?|gts?|groundtruths?)$/i,
    ).map((group) => ({ ...group, keyOf: ({ stem }) => withoutRole(stem) })),
};

/**
 * BIDS: images of subjects, and their masks under `derivatives`. A mask's name goes on from
 * its image's by entities, or leaves out what kind of image it was.
 */
const bids: LayoutReader = {
  layout: "bids",
  groups: (files) => {
    const ofSubjects = files.filter(({ stem }) => /^sub-[a-z0-9]+/i.test(stem));
    const isDerived = ({ path }: RoleFile) => /(^|\/)derivatives\//i.test(path);
    const images = ofSubjects.filter((file) => !isDerived(file));
    const masks = ofSubjects.filter(
      (file) => isDerived(file) && /_(mask|dseg|seg|label)$/i.test(file.stem),
    );
    const keyOf = (file: RoleFile) =>
      isDerived(file)
        ? file.stem
            .replace(/_(space|res|den|desc|label|atlas)-[a-z0-9]+/gi, "")
            .replace(/_(mask|dseg|seg|label)$/i, "")
        : file.stem;
    return images.length > 0 && masks.length > 0 ? [{ place: "", images, masks, keyOf }] : [];
  },
};

/** Images and masks in one folder, told apart by the ends of their names. */
const suffixes: LayoutReader = {
  layout: "suffixes",
  groups: (files) => {
    const groups = [...grouped(files, ({ folder }) => folder)].map(([place, inFolder]) => ({
      place,
      images: inFolder.filter(({ stem }) => !isNamedMask(stem)),
      masks: inFolder.filter(({ stem }) => isNamedMask(stem)),
      keyOf: ({ stem }: RoleFile) => withoutRole(stem),
    }));
    return groups.some(({ masks }) => masks.length > 0) ? groups : [];
  },
};

/** Layouts in the order in which they are tried; the first that sees a group is taken. */
export const layoutReaders: readonly LayoutReader[] = [nnunetOrMsd, bids, imagesLabels, suffixes];

/** Folders with one of two kinds of name under the same parent. */
function siblings(files: readonly RoleFile[], imageFolder: RegExp, maskFolder: RegExp) {
  const parents = grouped(files, ({ folder }) =>
    folder.slice(0, Math.max(0, folder.lastIndexOf("/"))),
  );
  return [...parents].flatMap(([place, children]) => {
    const named = (pattern: RegExp) =>
      children.filter(({ folder }) => pattern.test(folder.slice(folder.lastIndexOf("/") + 1)));
    const images = named(imageFolder);
    const masks = named(maskFolder);
    return images.length > 0 && masks.length > 0 ? [{ place, images, masks }] : [];
  });
}
