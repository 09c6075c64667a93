/** The browser's own database on this device: what waits to be sent, and the last seen answers of a few pages. */

const STORES = ["outbox", "seen"] as const;
export type StoreName = (typeof STORES)[number];

let opening: Promise<IDBDatabase> | null = null;

function open(): Promise<IDBDatabase> {
  opening ??= new Promise((resolve, reject) => {
    const request = indexedDB.open("diemcau", 1);
    request.onupgradeneeded = () => {
      for (const name of STORES) request.result.createObjectStore(name, { keyPath: "id" });
    };
    request.onsuccess = () => resolve(request.result);
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
