"use client";

// packages/react/src/index.ts
import { waypost } from "@waypost/js";
import {
  createContext,
  createElement,
  useContext,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useSyncExternalStore
} from "react";

// packages/react/src/open_guides.ts
function openGuides(client) {
  let guides = [];
  const readers = /* @__PURE__ */ new Set();
  const hear = (guide) => {
    const isHere = guides.some(({ id }) => id === guide.id);
    if (!guide.isOpen) guides = guides.filter(({ id }) => id !== guide.id);
    else guides = isHere ? guides.map((each) => each.id === guide.id ? guide : each) : [...guides, guide];
    readers.forEach((changed) => changed());
  };
  return {
    subscribe(changed) {
      readers.add(changed);
      if (readers.size === 1) client.on("guide", hear);
      return () => {
        readers.delete(changed);
        if (readers.size) return;
        client.off("guide", hear);
        guides = [];
      };
    },
    current: () => guides
  };
}

// packages/react/src/index.ts
var useEarlyEffect = typeof document === "undefined" ? useEffect : useLayoutEffect;
var Context = createContext({ client: waypost, guides: openGuides(waypost) });
function WaypostProvider({ options, user, account, client = waypost, children }) {
  const shared = useMemo(() => ({ client, guides: openGuides(client) }), [client]);
  const told = useRef({ user: "", account: "" });
  const isOn = options.enabled !== false;
  useEarlyEffect(() => client.init(options), [client, isOn]);
  const [who, whose] = [JSON.stringify(user), JSON.stringify(account)];
  useEarlyEffect(() => {
    if (!isOn || user === void 0 || told.current.user === who) return;
    if (user) client.identify(user.id, user.traits, ...user.token ? [{ token: user.token }] : []);
    else if (told.current.user || client.debug(false).userId !== void 0) client.reset();
    told.current = { user: who, account: user ? told.current.account : "" };
  }, [client, isOn, who]);
  useEarlyEffect(() => {
    if (!isOn || !account || told.current.account === whose) return;
    client.group(account.id, account.traits);
    told.current.account = whose;
  }, [client, isOn, who, whose]);
  return createElement(Context.Provider, { value: shared }, children);
}
function useWaypost() {
  return useContext(Context).client;
}
function useStep(id) {
  const client = useWaypost();
  const told = useRef(void 0);
  useEffect(() => {
    if (told.current !== id) client.step(id);
    told.current = id;
  }, [client, id]);
}
function useWaypostEvent(event, listener) {
  const client = useWaypost();
  const latest = useRef(listener);
  useEffect(() => void (latest.current = listener));
  useEffect(() => {
    const hear = (heard) => latest.current(heard);
    client.on(event, hear);
    return () => client.off(event, hear);
  }, [client, event]);
}
var NONE = [];
function useDecisions() {
  const { guides } = useContext(Context);
  return useSyncExternalStore(guides.subscribe, guides.current, () => NONE);
}
function fits(wanted, is) {
  return wanted === void 0 || wanted === is || typeof wanted === "object" && wanted.includes(is);
}
function useGuide({ guide, kind } = {}) {
  return useDecisions().find((each) => fits(guide, each.guide) && fits(kind, each.kind)) ?? null;
}
function GuideSlot({ className, children, ...which }) {
  const guide = useGuide(which);
  const place = useRef(null);
  useEffect(() => {
    if (guide && place.current) guide.shown(place.current);
  }, [guide?.id]);
  if (!guide) return null;
  const { direction, language } = guide.content;
  const looks = { className, dir: direction, lang: language ?? void 0, "data-waypost-guide": guide.guide };
  return createElement("div", { ref: place, key: guide.id, ...looks }, children(guide));
}
export {
  GuideSlot,
  WaypostProvider,
  useDecisions,
  useGuide,
  useStep,
  useWaypost,
  useWaypostEvent
};
