// IndexedDB as far as our scripts use it: rows by id, in this process.
export function openRows(...stores) {
  const held = new Map(stores.map((name) => [name, new Map()]));
  const answered = (result) => {
    const request = { result };
    queueMicrotask(() => request.onsuccess?.({ target: request }));
    return request;
  };
  return {
    transaction: (name) => ({
      objectStore: () => {
        const rows = held.get(name);
        return {
          get: (id) => answered(rows.get(id)),
          getAll: () => answered([...rows.values()]),
          put: (row) => answered(rows.set(row.id, row) && row.id),
          delete: (id) => answered(rows.delete(id)),
          clear: () => answered(rows.clear()),
        };
      },
    }),
  };
}
