/**
 * A change of one slice: its fields that differ from now on. Slices are plain data; what a
 * click does, across slices and services, lives in `app/actions`.
 */
export type Change<Slice> = Partial<Slice>;
