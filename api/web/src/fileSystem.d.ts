/** What Chromium has of the File System Access API, and TypeScript's own description of browsers has not yet. */
declare function showOpenFilePicker(): Promise<FileSystemFileHandle[]>;

interface FileSystemHandle {
  queryPermission(wanted: { mode: "read" }): Promise<PermissionState>;
  requestPermission(wanted: { mode: "read" }): Promise<PermissionState>;
}
