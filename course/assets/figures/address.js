// The state of a figure in the page's address, so that it can be shared: ?drift=shift-0.4_rows-500.
// A parameter for each figure; what others put into the address stays.

/** The setting that an address asks for; what is not there, or makes no sense, starts as usual. */
export function read(search, name, controls) {
  const given = new Map();
  for (const part of (new URLSearchParams(search).get(name) || "").split("_")) {
    const at = part.indexOf("-");
    if (at > 0) given.set(part.slice(0, at), part.slice(at + 1));
  }
  return Object.fromEntries(controls.map((control) => {
    const found = given.has(control.key) ? control.parse(given.get(control.key)) : undefined;
    return [control.key, found === undefined ? control.start : found];
  }));
}

/** The address's query for a setting: nothing of ours when it is the one that figures start with. */
export function write(search, name, controls, setting) {
  const query = new URLSearchParams(search);
  query.delete(name);
  if (controls.some(({ key, start }) => setting[key] !== start)) {
    query.set(name, controls.map(({ key, told }) => `${key}-${told(setting[key])}`).join("_"));
  }
  const text = query.toString();
  return text ? `?${text}` : "";
}
