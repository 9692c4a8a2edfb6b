/** Waypost for React: who uses the page, what happens in it, and guides that the application draws itself. */
import { waypost, type AccountTraits, type Guide, type InitOptions, type LifeEvents } from "@waypost/js";
import type { StepName, Traits, Waypost } from "@waypost/js";
import {
  createContext,
  createElement,
  useContext,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useSyncExternalStore,
  type ReactNode,
} from "react";
import { openGuides, type OpenGuides } from "./open_guides";

/** Before the effects of the components inside, so that their events belong to the user. A server runs no effects. */
const useEarlyEffect = typeof document === "undefined" ? useEffect : useLayoutEffect;

interface Shared {
  client: Waypost;
  guides: OpenGuides;
}

const Context = createContext<Shared>({ client: waypost, guides: openGuides(waypost) });

export interface WaypostProviderProps {
  /** As of `waypost.init`. Read once: begin with `enabled: false` where consent is still to come, then without it. */
  options: InitOptions;
  /**
   * Who uses the page; null for nobody. Left out, the application calls `identify` itself. token: what your server
   * signed for the user, where the project insists on it.
   */
  user?: { id: string | number; traits?: Traits; token?: string } | null;
  /** Which account the user belongs to. */
  account?: { id: string | number; traits?: AccountTraits } | null;
  /** Another Waypost, such as a mock in tests. */
  client?: Waypost;
  children?: ReactNode;
}

/** Begins with Waypost, and says who uses the page. Everything inside may use the hooks. */
export function WaypostProvider({ options, user, account, client = waypost, children }: WaypostProviderProps): ReactNode {
  const shared = useMemo(() => ({ client, guides: openGuides(client) }), [client]);
  // An effect runs twice in Strict Mode: what was told is not told again.
  const told = useRef({ user: "", account: "" });
  const isOn = options.enabled !== false;
  useEarlyEffect(() => client.init(options), [client, isOn]);
  const [who, whose] = [JSON.stringify(user), JSON.stringify(account)];
  useEarlyEffect(() => {
    if (!isOn || user === undefined || told.current.user === who) return;
    if (user) client.identify(user.id, user.traits, ...(user.token ? [{ token: user.token }] : []));
    else if (told.current.user || client.debug(false).userId !== undefined) client.reset();
    told.current = { user: who, account: user ? told.current.account : "" };
  }, [client, isOn, who]);
  useEarlyEffect(() => {
    if (!isOn || !account || told.current.account === whose) return;
    client.group(account.id, account.traits);
    told.current.account = whose!;
  }, [client, isOn, who, whose]);
  return createElement(Context.Provider, { value: shared }, children);
}

/** Waypost itself: `track`, `page`, `show` and all other calls. Outside a provider, the one of `@waypost/js`. */
export function useWaypost(): Waypost {
  return useContext(Context).client;
}

/** The user is looking at this step (`activation.verify_domain`) while the component is there. */
export function useStep(id: StepName): void {
  const client = useWaypost();
  const told = useRef<string>(undefined);
  useEffect(() => {
    if (told.current !== id) client.step(id);
    told.current = id;
  }, [client, id]);
}

/** Hear of the life of guides while the component is there; the listener may be a new one each time. */
export function useWaypostEvent<Name extends keyof LifeEvents>(event: Name, listener: (heard: LifeEvents[Name]) => void): void {
  const client = useWaypost();
  const latest = useRef(listener);
  useEffect(() => void (latest.current = listener));
  useEffect(() => {
    const hear = (heard: LifeEvents[Name]) => latest.current(heard);
    client.on(event, hear);
    return () => client.off(event, hear);
  }, [client, event]);
}

const NONE: readonly Guide[] = [];

/** With `headless`: every guide that is to be drawn now, the oldest first. */
export function useDecisions(): readonly Guide[] {
  const { guides } = useContext(Context);
  return useSyncExternalStore(guides.subscribe, guides.current, () => NONE);
}

/** Which guides a component draws: by their names, or by their widgets. */
export interface Which {
  guide?: string | readonly string[];
  kind?: string | readonly string[];
}

function fits(wanted: string | readonly string[] | undefined, is: string): boolean {
  return wanted === undefined || wanted === is || (typeof wanted === "object" && wanted.includes(is));
}

/** With `headless`: the guide that is to be drawn now, or null; the first of those that fit. */
export function useGuide({ guide, kind }: Which = {}): Guide | null {
  return useDecisions().find((each) => fits(guide, each.guide) && fits(kind, each.kind)) ?? null;
}

export interface GuideSlotProps extends Which {
  className?: string;
  /** Draw the guide. */
  children: (guide: Guide) => ReactNode;
}

/**
 * With `headless`: a place for guides. Empty while there is none; what is drawn in it counts as shown when half of it
 * has been in view for a second, as where Waypost draws.
 */
export function GuideSlot({ className, children, ...which }: GuideSlotProps): ReactNode {
  const guide = useGuide(which);
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (guide && place.current) guide.shown(place.current);
  }, [guide?.id]);
  if (!guide) return null;
  const { direction, language } = guide.content;
  const looks = { className, dir: direction, lang: language ?? undefined, "data-waypost-guide": guide.guide };
  return createElement("div", { ref: place, key: guide.id, ...looks }, children(guide));
}
