// Functions named by `data-broken` throw where our own code calls them, and only there: a page in which everything that
// calls them fails would be no page.
for (const path of document.currentScript.dataset.broken.split(" ")) {
  const isIterator = path.endsWith("[Symbol.iterator]");
  const names = path.replace("[Symbol.iterator]", "").split(".");
  const name = isIterator ? Symbol.iterator : names.pop();
  const owner = names.reduce((from, each) => from[each], window);
  const kept = owner[name];
  const broken = function (...given) {
    if (/\/sdk\//.test(new Error().stack)) throw new TypeError(`${path} is broken`);
    return new.target ? Reflect.construct(kept, given) : Reflect.apply(kept, this, given);
  };
  broken.prototype = kept.prototype;
  Object.defineProperty(owner, name, { value: broken, configurable: true, writable: true });
}
