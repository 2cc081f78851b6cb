// A small keep of objects on this device: IndexedDB by promises. Every store's key is the field "id".
export function openStore(name, stores) {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open(name, 1);
    asked.onupgradeneeded = () => stores.forEach((store) => asked.result.createObjectStore(store, { keyPath: "id" }));
    asked.onerror = () => reject(asked.error);
    asked.onsuccess = () => {
      asked.result.onversionchange = () => asked.result.close(); // whoever deletes it need not wait for this page
      resolve(asked.result);
    };
  });
}

function done(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

export const get = (db, store, id) => done(db.transaction(store).objectStore(store).get(id));
export const all = (db, store) => done(db.transaction(store).objectStore(store).getAll());
export const put = (db, store, row) => done(db.transaction(store, "readwrite").objectStore(store).put(row));
export const remove = (db, store, id) => done(db.transaction(store, "readwrite").objectStore(store).delete(id));
export const clear = (db, store) => done(db.transaction(store, "readwrite").objectStore(store).clear());

// Read all rows and write some of them again with nobody in between.
export function change(db, store, choose) {
  return new Promise((resolve, reject) => {
    const transaction = db.transaction(store, "readwrite");
    const rows = transaction.objectStore(store);
    let chosen;
    rows.getAll().onsuccess = (event) => {
      chosen = choose(event.target.result);
      if (chosen) rows.put(chosen);
    };
    transaction.oncomplete = () => resolve(chosen);
    transaction.onerror = () => reject(transaction.error);
  });
}
