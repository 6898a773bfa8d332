// agent.utils.files: reading the device's files. Every function returns at once, not with a promise.

declare namespace XgodoApi {
  interface Files {
    /** Whether there is a file or folder at `path`. */
    exists(path: string): boolean;

    /** The file's size in bytes; `-1` when there is none. */
    getSize(filePath: string): number;

    /** Where shared storage begins, usually `/sdcard` or `/storage/emulated/0`. */
    getStorageRoot(): string;

    /** The file as UTF-8 text. What happens without one is not documented: ask `exists` first. */
    readFullFile(filePath: string): string;

    /** The file as base64. What happens without one is not documented. */
    readFullFileBase64(filePath: string): string;

    /** The file as a blob; `null` when that failed. */
    readFileAsBlob(filePath: string, mimeType?: string): Blob | null;

    /**
     * Opens a file to read it in pieces, and returns the stream's id. Close it with `closeStream`. What happens
     * without a file is not documented.
     */
    openStream(filePath: string): string;

    /** Up to `chunkSize` byte values; `[]` at the end of the file. */
    readChunk(streamId: string, chunkSize: number): number[];

    /** Closes what `openStream` opened. */
    closeStream(streamId: string): void;

    /** The files and folders in a folder. What happens without one is not documented. */
    list(dirPath: string): FileInfo[];

    /** What is at `path`: look at `exists`, then at `isDirectory`. */
    getPathInfo(path: string): DirectoryInfo | FilePathInfo | PathNotFoundInfo;

    /** The file's hashes, or why there are none: `"error" in result`. */
    getHashes(filePath: string): FileHashes | FileHashError;

    /** Decodes base64. */
    base64ToBytes(base64: string): Uint8Array;

    /** Wraps bytes in a blob; `null` when that failed. */
    bytesToBlob(bytes: readonly number[] | Uint8Array, mimeType?: string): Blob | null;
  }

  interface FileInfo {
    name: string;
    path: string;
    isDirectory: boolean;
    isFile: boolean;
    /** In bytes; 0 for a folder. */
    size: number;
    /** In milliseconds. */
    lastModified: number;
  }

  interface DirectoryInfo {
    exists: true;
    path: string;
    name: string;
    isDirectory: true;
    isFile: false;
    /** In milliseconds. */
    lastModified: number;
    canRead: boolean;
    canWrite: boolean;
    fileCount: number;
    directoryCount: number;
    totalItems: number;
  }

  interface FilePathInfo {
    exists: true;
    path: string;
    name: string;
    isDirectory: false;
    isFile: true;
    /** In milliseconds. */
    lastModified: number;
    canRead: boolean;
    canWrite: boolean;
    /** In bytes. */
    size: number;
  }

  interface PathNotFoundInfo {
    exists: false;
    /** Why nothing is known of the path. */
    error?: string;
  }

  interface FileHashes {
    md5: string;
    sha1: string;
    sha256: string;
    /** In bytes. */
    size: number;
  }

  interface FileHashError {
    error: string;
  }
}
