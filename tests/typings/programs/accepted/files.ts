// agent.utils.files: everything at once, nothing as a promise, and unions told apart.
export {};

const { files } = agent.utils;

export function describe(path: string): string {
  const found = files.getPathInfo(path);
  if (!found.exists) {
    return found.error ?? "nothing there";
  }
  if (found.isDirectory) {
    const total: number = found.fileCount + found.directoryCount;
    return `${found.name}: ${total} of ${found.totalItems}`;
  }
  const isFile: true = found.isFile;
  return `${found.path} ${isFile} ${found.size} ${found.canRead && found.canWrite}`;
}

export function hashes(path: string): string {
  const result = files.getHashes(path);
  return "error" in result ? result.error : `${result.md5} ${result.sha1} ${result.sha256} ${result.size}`;
}

export function* pieces(path: string): Generator<Blob> {
  const stream = files.openStream(path);
  for (let bytes = files.readChunk(stream, 65_536); bytes.length > 0; bytes = files.readChunk(stream, 65_536)) {
    const blob = files.bytesToBlob(bytes, "text/plain") ?? files.bytesToBlob(new Uint8Array(bytes));
    if (blob !== null) {
      yield blob;
    }
  }
  files.closeStream(stream);
}

export function reading(): number {
  const root = files.getStorageRoot();
  const newest = files.list(root).sort((a, b) => b.lastModified - a.lastModified)[0];
  if (newest === undefined || newest.isDirectory || !files.exists(newest.path)) {
    return files.getSize(root);
  }
  const text: string = files.readFullFile(newest.path) + files.readFullFileBase64(newest.path);
  const bytes: Uint8Array = files.base64ToBytes("aGVsbG8=");
  const blob: Blob | null = files.readFileAsBlob(newest.path, "text/plain");
  return text.length + bytes.length + (blob?.size ?? 0);
}
