// What agents leave in a page that watch for errors and times: the same functions, with a call of theirs around each.
const send = window.fetch;
const later = window.setTimeout;
const soon = window.queueMicrotask;
const { parse, stringify } = JSON;
const listen = EventTarget.prototype.addEventListener;
window.calls = 0;
window.fetch = (...all) => {
  window.calls++;
  return send(...all).then((answer) => answer);
};
window.setTimeout = (call, ...all) => {
  window.calls++;
  const watched = function () {
    return call.apply(this, arguments);
  };
  return later(watched, ...all);
};
window.queueMicrotask = (call) => soon(() => call());
JSON.parse = (...all) => {
  window.calls++;
  return parse(...all);
};
JSON.stringify = (...all) => {
  window.calls++;
  return stringify(...all);
};
window.Promise = class Promise extends window.Promise {};
EventTarget.prototype.addEventListener = function (name, call, more) {
  const watched = function (event) {
    return call.call(this, event);
  };
  return listen.call(this, name, typeof call === "function" ? watched : call, more);
};
