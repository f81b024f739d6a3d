export { convForward } from "./convForward";
export { addFilter, convFilter } from "./convFilter";
export { packForward, packTransposed, padSample } from "./packing";
