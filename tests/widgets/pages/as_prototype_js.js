// What Prototype.js 1.6 leaves behind, of which pages of its time still live.
Array.prototype.toJSON = function () {
  return "[" + this.map((each) => JSON.stringify(each)).join(", ") + "]";
};
String.prototype.toJSON = function () {
  return '"' + this + '"';
};
Array.prototype.reduce = function () {
  return this.length > 1 ? this : this[0];
};
Array.prototype.entries = Array.prototype.toArray = function () {
  return this.slice();
};
Array.from = window.$A = function (list) {
  const all = [];
  for (let place = 0; place < list.length; place++) all.push(list[place]);
  return all;
};
Array.prototype.find = function (call, self) {
  for (let place = 0; place < this.length; place++) if (call.call(self, this[place], place)) return this[place];
};
Function.prototype.bind = function (self, ...first) {
  const call = this;
  return function () {
    return call.apply(self, first.concat(window.$A(arguments)));
  };
};
Object.extend = Object.assign;
Element.prototype.remove = function () {
  this.parentNode.removeChild(this);
  return this;
};
Element.prototype.hide = function () {
  this.style.display = "none";
};
