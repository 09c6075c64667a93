/**
 * The browser's own database on this device: what waits to be sent, the last seen answers of a few pages, and what
 * watching without a link needs: the packages, the device's key, and where each log stands; and the files that are being
 * uploaded, where the browser lets a page keep hold of them.
 */

const STORES = ["outbox", "seen", "packages", "keys", "logs", "handles"] as const;
export type StoreName = (typeof STORES)[number];

let opening: Promise<IDBDatabase> | null = null;

function open(): Promise<IDBDatabase> {
  opening ??= new Promise((resolve, reject) => {
    const request = indexedDB.open("diemcau", 3);
    request.onupgradeneeded = () => {
      const there = request.result.objectStoreNames;
      for (const name of STORES) {
        if (!there.contains(name)) request.result.createObjectStore(name, { keyPath: "id" });
      }
    };
    request.onsuccess = () => {
      // A newer version of the application in another tab must not wait for this one to be closed.
      request.result.onversionchange = () => {
        request.result.close();
        opening = null;
      };
      resolve(request.result);
    };
    request.onerror = () => reject(request.error);
  });
  return opening;
}

async function run<T>(
  name: StoreName,
  mode: IDBTransactionMode,
  work: (store: IDBObjectStore) => IDBRequest<T>,
): Promise<T> {
  const transaction = (await open()).transaction(name, mode);
  const request = work(transaction.objectStore(name));
  return new Promise((resolve, reject) => {
    // Only a completed transaction is on disk; a successful request alone is not.
    transaction.oncomplete = () => resolve(request.result);
    transaction.onabort = () => reject(transaction.error);
  });
}

export const readAll = <T>(name: StoreName) => run<T[]>(name, "readonly", (store) => store.getAll());
export const readOne = <T>(name: StoreName, id: string) =>
  run<T | undefined>(name, "readonly", (store) => store.get(id));
export const keep = (name: StoreName, value: { id: string }) => run(name, "readwrite", (store) => store.put(value));
export const forget = (name: StoreName, id: string) => run(name, "readwrite", (store) => store.delete(id));
