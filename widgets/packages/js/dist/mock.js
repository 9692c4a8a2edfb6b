var __getOwnPropNames = Object.getOwnPropertyNames;
var __esm = (fn, res, err) => function __init() {
  if (err) throw err[0];
  try {
    return fn && (res = (0, fn[__getOwnPropNames(fn)[0]])(fn = 0)), res;
  } catch (e) {
    throw err = [e], e;
  }
};

// drawing/hold.ts
function hold(ms, signal, watch) {
  return new Promise((resolve) => {
    let timer;
    let stop;
    let isDone = signal.aborted;
    const finish = () => {
      isDone = true;
      clearTimeout(timer);
      stop?.();
    };
    signal.addEventListener("abort", finish);
    const unwatch = watch((isOn2) => {
      clearTimeout(timer);
      if (!isOn2 || isDone) return;
      timer = setTimeout(() => {
        signal.removeEventListener("abort", finish);
        finish();
        resolve();
      }, ms);
    });
    stop = unwatch;
    if (isDone) unwatch();
  });
}
function listen(to, names, call) {
  names.forEach((name) => to.addEventListener(name, call, { capture: true, passive: true }));
  return () => names.forEach((name) => to.removeEventListener(name, call, true));
}
function inView(element) {
  return (set) => {
    let isInView = false;
    const tell = () => set(isInView && document.visibilityState === "visible");
    const observer = new IntersectionObserver(
      (entries) => {
        isInView = entries.at(-1).isIntersecting;
        tell();
      },
      { threshold: 0.5 }
    );
    observer.observe(element);
    const off = listen(document, ["visibilitychange"], tell);
    return () => {
      observer.disconnect();
      off();
    };
  };
}
var init_hold = __esm({
  "drawing/hold.ts"() {
    "use strict";
  }
});

// targeting/roles.ts
function roleOf(element) {
  const stated = element.getAttribute("role")?.trim().split(/\s+/)[0];
  return stated || Object.keys(IMPLICIT).find((role) => element.matches(IMPLICIT[role]));
}
function selectorOfRole(role) {
  const stated = `[role~="${role}"]`;
  return Object.hasOwn(IMPLICIT, role) ? `${stated},${IMPLICIT[role]}` : stated;
}
function nameOf(element) {
  const attribute = (name) => said(element.getAttribute(name));
  const root = element.getRootNode();
  const labels = attribute("aria-labelledby")?.split(" ").map((id) => root.getElementById?.(id)?.textContent);
  const ownLabels = Array.from(element.labels ?? [], ({ textContent }) => textContent);
  const isButton = element.matches("input:is([type=button],[type=submit],[type=reset])");
  return said(labels?.join(" ")) ?? attribute("aria-label") ?? said(ownLabels.join(" ")) ?? attribute("alt") ?? (isButton ? attribute("value") : void 0) ?? // What stands in a field is the user's.
  (element.matches("input,select,textarea") ? void 0 : said(element.textContent)) ?? attribute("title") ?? attribute("placeholder") ?? "";
}
var IMPLICIT, said;
var init_roles = __esm({
  "targeting/roles.ts"() {
    "use strict";
    IMPLICIT = {
      button: "button,summary,input:is([type=button],[type=submit],[type=reset],[type=image])",
      link: "a[href],area[href]",
      textbox: "textarea,input:not([type]),input:is([type=text],[type=email],[type=tel],[type=url])",
      searchbox: "input[type=search]",
      checkbox: "input[type=checkbox]",
      radio: "input[type=radio]",
      slider: "input[type=range]",
      spinbutton: "input[type=number]",
      combobox: "select",
      heading: "h1,h2,h3,h4,h5,h6",
      img: "img[alt]:not([alt=''])",
      navigation: "nav",
      main: "main",
      dialog: "dialog",
      table: "table"
    };
    said = (text) => text?.trim().replace(/\s+/g, " ") || void 0;
  }
});

// targeting/selector.ts
function waysOf(selector) {
  return selector.match(WAYS) ?? [selector];
}
function byRole(way) {
  const [, role, name] = BY_ROLE.exec(way) ?? [];
  return role === void 0 ? void 0 : { role, name: name?.slice(1, -1).replace(/\\(.)/g, "$1") };
}
function within(root, way, named) {
  if (!named) return Array.from(root.querySelectorAll(way));
  return Array.from(root.querySelectorAll(selectorOfRole(named.role))).filter((each) => isNamed(each, named));
}
function openRoots(root) {
  return Array.from(root.querySelectorAll("*")).flatMap(
    ({ shadowRoot, localName }) => shadowRoot && !/^waypost-/.test(localName) ? [shadowRoot] : []
  );
}
function matches(way, root = document) {
  const found = within(root, way, byRole(way));
  return found.length ? found : openRoots(root).flatMap((each) => matches(way, each));
}
var TEXT, BY_ROLE, WAYS, isNamed;
var init_selector = __esm({
  "targeting/selector.ts"() {
    "use strict";
    init_roles();
    TEXT = `"(?:[^"\\\\]|\\\\.)*"|'(?:[^'\\\\]|\\\\.)*'`;
    BY_ROLE = new RegExp(`^\\s*role=([a-z]+)(?:\\[name=(${TEXT})\\])?\\s*$`);
    WAYS = new RegExp(`(?:${TEXT}|(?<!\\|)\\|(?!\\|)|[^|"'])+`, "g");
    isNamed = (element, { role, name }) => roleOf(element) === role && (name === void 0 || nameOf(element) === name);
  }
});

// drawing/target.ts
function isVisible(element) {
  const { width, height } = element.getBoundingClientRect();
  if (!element.isConnected || !width || !height || width <= 1 && height <= 1) return false;
  return getComputedStyle(element).visibility === "visible";
}
function theOne(way) {
  try {
    const found = matches(way);
    const seen = found.filter(isVisible);
    if (seen.length === 1) return seen[0];
    return seen.length ? "several" : found.length ? "hidden" : "not_found";
  } catch {
    return "invalid";
  }
}
function findTarget(selector) {
  let reason = 0;
  for (const way of waysOf(selector)) {
    const found = theOne(way);
    if (typeof found !== "string") return found;
    reason = Math.max(reason, REASONS.indexOf(found));
  }
  return REASONS[reason];
}
function watchPage() {
  const look = () => lookers.forEach((each) => each());
  let pending;
  const observer = new MutationObserver(() => {
    pending ??= setTimeout(() => {
      pending = void 0;
      look();
    }, LOOK_EVERY_MS);
  });
  observer.observe(document, { subtree: true, childList: true, attributes: true });
  const slow = setInterval(look, 10 * LOOK_EVERY_MS);
  return () => {
    observer.disconnect();
    clearInterval(slow);
    clearTimeout(pending);
  };
}
function lookWith(look) {
  if (!lookers.size) rest = watchPage();
  lookers.add(look);
  return () => {
    if (lookers.delete(look) && !lookers.size) rest();
  };
}
function awaitTarget(selector, signal, giveUpMs = GIVE_UP_MS) {
  let last = findTarget(selector);
  if (typeof last !== "string" || last === "invalid") return Promise.resolve(last);
  return new Promise((resolve) => {
    const unlook = lookWith(() => {
      last = findTarget(selector);
      if (typeof last !== "string") finish(last);
    });
    const giveUp = Number.isFinite(giveUpMs) ? setTimeout(() => finish(last), giveUpMs) : void 0;
    const stop = () => {
      unlook();
      clearTimeout(giveUp);
      signal.removeEventListener("abort", stop);
    };
    const finish = (answer) => {
      stop();
      resolve(answer);
    };
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop);
  });
}
var LOOK_EVERY_MS, GIVE_UP_MS, REASONS, lookers, rest;
var init_target = __esm({
  "drawing/target.ts"() {
    "use strict";
    init_selector();
    LOOK_EVERY_MS = 100;
    GIVE_UP_MS = 1e4;
    REASONS = ["invalid", "not_found", "hidden", "several"];
    lookers = /* @__PURE__ */ new Set();
    rest = () => {
    };
  }
});

// snippet/json.ts
function asItStands(name, value) {
  const found = this[name];
  return Array.isArray(found) ? found : value;
}
function toJson(value) {
  return JSON.stringify(value, asItStands);
}

// drawing/life.ts
init_hold();
var SEEN_AFTER_MS = 1e3;
var KEPT_AS = "waypost:kept";
var GOES_ON = ["tour", "checklist"];
var CAN_GO_ON = [...GOES_ON, "survey"];
var Life = class {
  constructor(decision, desk) {
    this.decision = decision;
    this.desk = desk;
    this.ended = new Promise((resolve) => this.#finish = resolve);
    this.aside = new Promise((resolve) => this.stepAside = resolve);
    const { told } = decision;
    this.#isSeen = told?.isSeen ?? false;
    this.#isStarted = told?.isStarted ?? false;
    const onLeave = desk.guard(() => this.#leavePage());
    addEventListener("pagehide", onLeave);
    this.onEnd(() => removeEventListener("pagehide", onLeave));
  }
  decision;
  desk;
  ended;
  #abort = new AbortController();
  #isSeen = false;
  #isStarted = false;
  isCompleted = false;
  #isEnded = false;
  #place;
  #finish;
  /** The same guide came again with other content. */
  onUpdate;
  /** Where an action of the user leads elsewhere and this is not the end: a checklist stays, and goes out of the way. */
  onElsewhere;
  /** Where closing is not the end: a launcher takes its questions away, and can be asked again. */
  onClose;
  /** Resolves when it no longer stands in the way of others, which is not yet its end. */
  aside;
  /** Folded away, it leaves the place to others. */
  stepAside;
  /** What to take down at the end. */
  #downs = [];
  get signal() {
    return this.#abort.signal;
  }
  /** Counted as shown, once, when some part of it has been in view for a second. */
  seen(element) {
    this.desk.guard(() => hold(SEEN_AFTER_MS, this.signal, inView(element)).then(() => this.saw()))();
  }
  /** Counted as shown, once. */
  saw() {
    const { guide, variant, id } = this.decision;
    if (!this.#isSeen) this.#tell("$shown", { guide, ...variant && { variant }, decision: id });
    this.#isSeen = true;
    this.#store();
  }
  onEnd(call) {
    this.#downs.push(call);
  }
  report(event, more = {}) {
    this.#tell(event, { guide: this.decision.guide, ...more });
  }
  /** The user has begun with it; told once. */
  start() {
    if (!this.#isStarted) this.report("$started");
    this.#isStarted = true;
    this.#store();
  }
  /** Done with it; its last words may stay a while. */
  complete() {
    if (!this.isCompleted) this.report("$completed");
    this.isCompleted = true;
  }
  /** Sent away; after its completion that is only tidying up. */
  dismiss(how) {
    if (!this.isCompleted && !this.#isEnded) this.report("$dismissed", { how });
    this.close();
  }
  lose(reason) {
    this.report("$target_missing", { reason });
    this.end();
  }
  /** What a button does, after telling that it was clicked. */
  press(text, action) {
    this.report("$clicked", { button: text });
    switch (action.type) {
      case "open":
        return;
      case "complete":
        this.complete();
        return this.close();
      case "dismiss":
        return this.dismiss("button");
      case "snooze":
        this.report("$snoozed", { seconds: action.seconds });
        this.desk.askAgain(action.seconds);
        return this.end();
      case "start":
        this.#goElsewhere();
        return this.desk.start(action.guide);
      case "track":
        if (!this.decision.preview) this.desk.track(action.event);
        return this.#goElsewhere();
    }
  }
  /** Go on at this place after a page load in the same tab; what ends is forgotten. */
  keep(at, path, given) {
    this.#place = { at, path, given };
    this.#store();
  }
  /** Done with it for now; what comes after is told anew. */
  close() {
    if (!this.onClose || this.#isEnded) return this.end();
    this.#isStarted = this.isCompleted = false;
    this.onClose();
  }
  /** Take it away; idempotent, and nothing is told. */
  end() {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#abort.abort();
    this.#store();
    this.#downs.reverse().forEach((down) => this.desk.guard(down)());
    this.#finish();
  }
  get #goesOn() {
    return !this.decision.preview && GOES_ON.includes(this.decision.content.widget);
  }
  #store() {
    const { guide, preview, content } = this.decision;
    if (preview || !CAN_GO_ON.includes(content.widget) || !this.#place) return;
    const told = { isSeen: this.#isSeen, isStarted: this.#isStarted };
    const isOver = this.#isEnded || this.isCompleted && content.widget === "survey";
    try {
      const { [guide]: _, ...kept } = JSON.parse(sessionStorage.getItem(KEPT_AS) ?? "{}");
      if (!isOver) kept[guide] = { ...this.decision, ...this.#place, told };
      sessionStorage.setItem(KEPT_AS, toJson(kept));
    } catch {
    }
  }
  #goElsewhere() {
    if (this.onElsewhere) this.onElsewhere();
    else this.end();
  }
  #tell(event, properties) {
    if (!this.decision.preview) this.desk.report(event, properties);
  }
  #leavePage() {
    if (this.#isStarted && !this.isCompleted && !this.#isEnded && !this.#goesOn) this.report("$abandoned");
  }
};

// drawing/line.ts
init_target();

// headless/headless.ts
init_target();

// drawing/words.ts
function baseLanguage(language) {
  return (language ?? document.documentElement.lang).slice(0, 2).toLowerCase();
}

// feedback/comment.ts
var ENGLISH = "What would you like to tell us?";
var TEXTS = {
  ar: "ماذا تود أن تقول لنا؟",
  de: "Was möchten Sie uns sagen?",
  es: "¿Qué le gustaría decirnos?",
  fr: "Que souhaitez-vous nous dire ?"
};
function commentQuestion(language) {
  const plain = { optional: false, shuffled: false, scale: null, limit: null, if: null, then: null, choices: [] };
  const text = TEXTS[baseLanguage(language)] ?? ENGLISH;
  return { id: "comment", type: "text", text, ...plain, choices: [] };
}

// survey/flow.ts
function fold(sides, decisive) {
  if (sides.includes(decisive)) return decisive;
  return sides.includes(void 0) ? void 0 : !decisive;
}
var MOMENTS = ["before", "after"];
var ORDERED = [...MOMENTS, "between", ">=", ">", "<=", "<"];
var WORDED = ["contains", "does not contain", "starts with", "ends with"];
function folded(text) {
  const parts = text.split("ı").map((part) => part.toLowerCase().toUpperCase().toLowerCase());
  return parts.join("ı").replaceAll("ς", "σ");
}
function compares({ op, value: wanted, ignore_case }, answer) {
  const plain = (value2) => ignore_case && typeof value2 === "string" ? folded(value2) : value2;
  const value = plain(answer);
  const one = plain(wanted);
  const many = (Array.isArray(wanted) ? wanted : [wanted]).map(plain);
  const has = (each) => Array.isArray(answer) && answer.map(plain).includes(each);
  const read = (each) => MOMENTS.includes(op) ? Date.parse(String(each)) : typeof each === "number" ? each : NaN;
  const [a, b] = [read(value), read(one)];
  if (ORDERED.includes(op) && Number.isNaN(a)) return void 0;
  if (WORDED.includes(op) && typeof value !== "string") return void 0;
  if (op.startsWith("include") && !Array.isArray(answer)) return void 0;
  const text = String(value);
  switch (op) {
    case "is":
      return value === one;
    case "is not":
      return value !== one;
    case "is one of":
      return many.includes(value);
    case "is none of":
      return !many.includes(value);
    case "include":
      return has(one);
    case "include any of":
      return many.some(has);
    case "include all of":
      return many.every(has);
    case "include none of":
      return !many.some(has);
    case "contains":
      return text.includes(String(one));
    case "does not contain":
      return !text.includes(String(one));
    case "starts with":
      return text.startsWith(String(one));
    case "ends with":
      return text.endsWith(String(one));
    case "between":
      return Number(many[0]) <= a && a <= Number(many[1]);
    case ">=":
      return a >= b;
    case "<=":
      return a <= b;
    case ">":
    case "after":
      return a > b;
    case "<":
    case "before":
      return a < b;
    default:
      return void 0;
  }
}
function holds(expression, answers) {
  if ("all" in expression) return fold(expression.all.map((each) => holds(each, answers)), false);
  if ("any" in expression) return fold(expression.any.map((each) => holds(each, answers)), true);
  if ("not" in expression) {
    const inner = holds(expression.not, answers);
    return inner === void 0 ? void 0 : !inner;
  }
  const answer = answers.get(expression.question);
  if (expression.op === "is set") return answer !== void 0;
  if (expression.op === "is not set") return answer === void 0;
  return answer && compares(expression, answer.value);
}
function jumpAfter(question, answer) {
  const value = answer?.value;
  const chosen = question.choices.find(({ id, then }) => then && (Array.isArray(value) ? value.includes(id) : value === id));
  return chosen?.then ?? question.then;
}
function nextPlace(questions, place, answers) {
  let next = place + 1;
  const left = questions[place];
  const jump = left && jumpAfter(left, answers.get(left.id));
  if (jump && "end" in jump) return questions.length;
  if (jump) next = questions.findIndex(({ id }, each) => each > place && id === jump.ask);
  if (next < 0) return questions.length;
  while (next < questions.length) {
    const condition = questions[next].if;
    if (condition === null || holds(condition, answers) === true) break;
    next++;
  }
  return next;
}
function randomFrom(seed) {
  let state = 2654435769;
  for (const letter of seed) state = Math.imul(state ^ letter.codePointAt(0), 2246822507) ^ state >>> 13;
  return () => {
    state = state + 1831565813 | 0;
    let mixed = Math.imul(state ^ state >>> 15, 1 | state);
    mixed = mixed + Math.imul(mixed ^ mixed >>> 7, 61 | mixed) ^ mixed;
    return ((mixed ^ mixed >>> 14) >>> 0) / 2 ** 32;
  };
}
function shuffled(items, seed) {
  const random = randomFrom(seed);
  const mixed = items.filter(({ other }) => !other);
  for (let last = mixed.length - 1; last > 0; last--) {
    const place = Math.floor(random() * (last + 1));
    [mixed[last], mixed[place]] = [mixed[place], mixed[last]];
  }
  return [...mixed, ...items.filter(({ other }) => other)];
}

// tour/pages.ts
var WITHOUT_SLASH = /(.)\/$/;
function isOn(pattern, path) {
  if (pattern === null) return true;
  const parts = pattern.replace(WITHOUT_SLASH, "$1").split("*");
  const whole = path.replace(WITHOUT_SLASH, "$1");
  const last = parts.pop();
  if (!parts.length) return whole === last;
  let at = 0;
  for (let place = 0; place < parts.length; place++) {
    const part = parts[place];
    const found = place ? whole.indexOf(part, at) : whole.startsWith(part) ? 0 : -1;
    if (found < 0) return false;
    at = found + part.length;
  }
  return whole.length - last.length >= at && whole.endsWith(last);
}

// headless/headless.ts
var Presented = class extends Life {
  constructor(offered, desk, element) {
    super(offered, desk);
    this.element = element;
    this.content = offered.content;
    this.submission = offered.given?.submission ?? desk.newId();
    this.answers = new Map(offered.given?.answers);
    this.at = this.steps ? Math.min(offered.at ?? 0, this.steps.length - 1) : 0;
    this.ask();
    this.onUpdate = (content) => {
      this.content = content;
      this.hand();
    };
    this.isAside = this.content.widget === "checklist" && offered.at === 1;
    this.stoodOn = offered.path;
    this.onEnd(() => {
      this.search.abort();
      desk.present(this.guide(false));
    });
    switch (this.content.widget) {
      case "tour":
        this.isHere = false;
        this.onEnd(desk.onRoute(() => this.move()));
        this.move();
        return;
      case "checklist":
        this.keepTicking();
        break;
      case "feedback":
        this.askAnew();
    }
    this.hand();
  }
  element;
  answers = /* @__PURE__ */ new Map();
  submission;
  /** The places of the questions asked so far; the last is the one that is asked now. */
  path = [];
  at;
  content;
  search = new AbortController();
  /** False while a tour's step waits for its page or its element. */
  isHere = true;
  /** The page on which a tour was last seen. */
  stoodOn;
  isAside;
  /** Whatever happened may have ticked something off; the server says so to whoever asks for the list by its name. */
  keepTicking() {
    const { decision, desk } = this;
    this.onElsewhere = () => this.fold();
    if (this.isAside) this.stepAside();
    this.keep(this.isAside ? 1 : 0);
    if (decision.preview) return;
    const ask = () => this.isCompleted || desk.start(decision.guide);
    if (decision.at !== void 0) ask();
    this.onEnd(desk.onTaken(ask));
  }
  /** The launcher of a feedback stays, and can be asked again. */
  askAnew() {
    this.onClose = () => {
      this.submission = this.desk.newId();
      this.answers = /* @__PURE__ */ new Map();
      this.ask();
      this.hand();
    };
  }
  get steps() {
    return this.content.widget === "tour" ? this.content.steps : void 0;
  }
  get questions() {
    const { content } = this;
    if (!("questions" in content)) return [];
    const isLeftToUs = content.widget === "feedback" && !content.questions.length;
    return isLeftToUs ? [commentQuestion(content.language)] : content.questions;
  }
  /** The question that is asked now, its choices in the order in which this user is to see them. */
  get question() {
    const question = this.questions[this.path.at(-1)];
    if (!question?.shuffled) return question;
    return { ...question, choices: shuffled(question.choices, this.decision.id + question.id) };
  }
  ask() {
    this.path = this.decision.given?.path ?? [nextPlace(this.questions, -1, this.answers)];
  }
  /** Hand the page what is to be drawn now. */
  hand() {
    if (this.signal.aborted) return;
    const { content } = this;
    if (content.widget === "checklist" && content.items.every(({ done }) => done)) this.complete();
    this.desk.present(this.guide(this.isHere));
  }
  guide(isOpen) {
    const { id, guide, kind, variant } = this.decision;
    const { content, element, question, at, isCompleted } = this;
    const facts = { id, guide, kind, variant, content, element, question, at, isOpen, isCompleted };
    const isList = content.widget === "checklist";
    return {
      ...facts,
      isAside: this.isAside,
      step: this.steps?.[at],
      answer: question && this.answers.get(question.id),
      hasBack: this.steps ? at > 0 : this.path.length > 1,
      shown: this.live((part) => part ? this.seen(part) : this.saw()),
      started: this.live(() => this.start()),
      answered: this.live((value, more) => this.take(value, more)),
      skipped: this.live(() => this.skip()),
      next: this.live(() => this.steps && this.go(this.at + 1)),
      back: this.live(() => this.back()),
      pressed: this.live(({ text, action }) => {
        if (isList) this.start();
        if (action) this.press(text, action);
      }),
      completed: this.live(() => {
        this.complete();
        this.close();
      }),
      dismissed: this.live((how = "close") => this.dismiss(how)),
      aside: this.live(() => this.fold()),
      ended: this.live(() => this.end())
    };
  }
  /** A call of the page's: it never throws, and after the end it does nothing. */
  live(call) {
    return this.desk.guard((...args) => {
      if (!this.signal.aborted) call(...args);
    });
  }
  take(value, { text, selector } = {}) {
    const { question, submission } = this;
    if (!question) return;
    this.start();
    this.answers.set(question.id, { value, ...text && { text } });
    const order = question.shuffled ? question.choices.map(({ id }) => id) : void 0;
    const { language } = this.content;
    const how = { value, text, order, language: language ?? void 0, submission };
    this.report("$answered", { question: question.id, ...how, ...selector && { selector } });
    this.advance();
  }
  skip() {
    const { question } = this;
    if (!question) return;
    this.start();
    this.answers.delete(question.id);
    this.report("$skipped", { question: question.id });
    this.advance();
  }
  advance() {
    const next = nextPlace(this.questions, this.path.at(-1), this.answers);
    this.path = [...this.path, next];
    if (next >= this.questions.length) this.complete();
    this.keepGiven();
  }
  back() {
    if (this.steps) return this.at > 0 ? this.go(this.at - 1) : void 0;
    if (this.path.length < 2) return;
    this.path = this.path.slice(0, -1);
    this.keepGiven();
  }
  /** What was answered so far, for the page after a reload; and hand on what comes now. */
  keepGiven() {
    const { submission, path, answers } = this;
    this.keep(path.at(-1), void 0, { submission, path, answers: [...answers] });
    this.hand();
  }
  go(to) {
    this.start();
    if (to < this.steps.length) {
      this.at = to;
      return this.find();
    }
    this.complete();
    this.end();
  }
  fold() {
    this.isAside = true;
    this.stepAside();
    if (this.content.widget === "checklist") this.keep(1);
    this.hand();
  }
  /** A tour's page may have come or gone; who has followed a link to where the next step is has taken it. */
  move() {
    const path = location.pathname;
    const [step, next] = this.steps.slice(this.at);
    const hasLeft = this.stoodOn !== void 0 && this.stoodOn !== path;
    if (hasLeft && next?.page && isOn(next.page, path) && !(step.page && isOn(step.page, path))) this.at++;
    else if (this.isHere && this.stoodOn !== void 0 && isOn(step.page, path) && this.element?.isConnected !== false) return;
    this.find();
  }
  /** Of a tour: show the step once its page is there, and its element. */
  find() {
    const step = this.steps[this.at];
    this.search.abort();
    this.element = void 0;
    this.isHere = isOn(step.page, location.pathname) && !step.target;
    this.stand();
    if (!step.target || !isOn(step.page, location.pathname)) return;
    const { signal } = this.search = new AbortController();
    const found = this.desk.guard((target) => {
      if (signal.aborted) return;
      if (typeof target !== "string") {
        this.element = target;
        this.isHere = true;
        return this.stand();
      }
      this.report("$target_missing", { reason: target });
      if (++this.at < this.steps.length) return this.find();
      this.end();
    });
    void awaitTarget(step.target.selector, signal).then(found);
  }
  stand() {
    if (this.isHere) this.stoodOn = location.pathname;
    this.keep(this.at, this.stoodOn);
    this.hand();
  }
};
function present(offered, desk, target) {
  return new Presented(offered, desk, target);
}

// packages/js/src/mock.ts
var NAMES = [
  ...["init", "identify", "group", "track", "page", "step", "show", "dismiss"],
  ...["setLocale", "reset", "optIn", "optOut", "on", "off", "debug"]
];
function createMock() {
  const calls = [];
  const reports = [];
  const listeners = /* @__PURE__ */ new Map();
  const open = /* @__PURE__ */ new Map();
  let ids = 0;
  const emit = (event, heard) => listeners.get(event)?.forEach((listener) => listener(heard));
  const record = (name) => (...args) => void calls.push({ name, args });
  const recorded = Object.fromEntries(NAMES.map((name) => [name, record(name)]));
  const desk = {
    contract: 1,
    theme: "light",
    report: (event, properties) => {
      reports.push({ event, properties });
      emit(event.slice(1), properties);
    },
    track: (event) => record("track")(event),
    start: (guide) => record("show")(guide),
    present: (guide) => {
      open.delete(guide.id);
      if (guide.isOpen) open.set(guide.id, guide);
      emit("guide", guide);
    },
    askAgain: () => void 0,
    confirm: () => Promise.resolve(true),
    onRoute: () => () => void 0,
    onTaken: () => () => void 0,
    guard: (call) => call,
    newId: () => `mock_${++ids}`
  };
  return {
    ...recorded,
    calls,
    reports,
    on: ((event, listener) => {
      record("on")(event, listener);
      listeners.set(event, (listeners.get(event) ?? /* @__PURE__ */ new Set()).add(listener));
      if (event === "guide") open.forEach((guide) => listener(guide));
    }),
    off: ((event, listener) => {
      record("off")(event, listener);
      listeners.get(event)?.delete(listener);
    }),
    debug: (...args) => {
      record("debug")(...args);
      return { faults: [] };
    },
    given: (name) => calls.filter((call) => call.name === name).map(({ args }) => args),
    emit,
    offer: (decision) => {
      const id = decision.id ?? desk.newId();
      const usual = { guide: "guide", kind: decision.content.widget, variant: null, wait: null, priority: 50, expires: null };
      let first;
      const hear = (guide) => {
        if (guide.id === id) first ??= guide;
        desk.present(guide);
      };
      present({ ...usual, ...decision, id }, { ...desk, present: hear });
      return first;
    },
    clear: () => {
      [...open.values()].forEach((guide) => guide.ended());
      calls.length = reports.length = 0;
    }
  };
}
export {
  createMock
};
