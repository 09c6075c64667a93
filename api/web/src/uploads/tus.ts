/** The uploader's code, in a piece of its own that is fetched when a file has been chosen. */
export { Upload } from "tus-js-client";
