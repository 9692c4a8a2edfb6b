/**
 * For people who write rules: points at one element of a page, says how well it can be named in a rule, and hands the
 * name back to whoever made the link. Loaded where the page was opened with such a link. Takes every click while one
 * chooses, so that none reaches the page; nothing of it is recorded.
 */
import { Fragment, h, render, type ComponentChildren, type VNode } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { CloseButton } from "../drawing/card";
import { Host } from "../drawing/host";
import { focusFirst, raise } from "../drawing/layer";
import { openDialog } from "../drawing/page_dialogs";
import { bringIntoView, follow, keepRinged } from "../drawing/place";
import type { PickerDesk } from "../snippet/contract";
import { bestOf, candidatesFor, type Candidate } from "../targeting/candidates";
import { nameOf, roleOf } from "../targeting/roles";
import { moved, under } from "./moving";
import css from "./picker.css";
import { forgetToken, Session, tokenHere } from "./session";
import { patternOf, proposedName, wayOf, type Picked } from "./text";

const LOOK_EVERY_MS = 300;
const MOST_OUTLINES = 30;
const LONGEST_LABEL = 60;

type State = { at: "choosing" } | { at: "picturing" } | { at: "resting"; inside: Element | undefined } | { at: "naming"; element: Element };

interface Props {
  host: Host;
  /** Aborted when the picker is left. */
  left: AbortSignal;
  session: Session;
  pictures: PickerDesk["pictures"];
  until: Date;
  onLeave: () => void;
}

/** As one would speak of it: `button “Verify records”`. */
function described(element: Element): string {
  const name = nameOf(element).slice(0, LONGEST_LABEL);
  const what = roleOf(element) ?? element.localName;
  return name ? `${what} “${name}”` : what;
}

interface LayerProps {
  look: string;
  hasFocus?: boolean;
  children?: ComponentChildren;
  [attribute: string]: unknown;
}

/** Each is above those that stand before it. */
function Layer({ look, hasFocus, children, ...more }: LayerProps): VNode {
  const element = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    raise(element.current);
    if (hasFocus) element.current?.focus({ preventScroll: true });
  }, []);
  return <div ref={element} class={`layer ${look}`} popover="manual" {...more}>{children}</div>;
}

/** A pane over the page, and a ring around what is meant. */
function Choosing({ host, until, onChosen, onRest, onPicture, onLeave }: Props & { onChosen: (element: Element) => void; onRest: () => void; onPicture: () => void }): VNode {
  const [element, mark] = useState<Element>();
  useLayoutEffect(() => (element ? keepRinged(host, element) : undefined), [element]);
  const onKey = (event: KeyboardEvent) => {
    if (event.key === "Escape") onLeave();
    else if (!(event.target as Element).matches(".pane")) return;
    else if (event.key === "Enter" && element) onChosen(element);
    else {
      const next = moved(event.key, element);
      if (!next) return;
      bringIntoView(next);
      mark(next);
    }
    event.preventDefault();
  };
  const at = ({ clientX, clientY }: MouseEvent) => under(clientX, clientY);
  return (
    <Fragment>
      <Layer
        look="pane"
        hasFocus
        role="application"
        tabIndex={0}
        aria-label="Page. Arrow up: what is around it; down: what is in it; left and right: what is beside it. Enter chooses, Escape leaves."
        onPointerMove={(event: PointerEvent) => mark(at(event))}
        onClick={(event: MouseEvent) => {
          const chosen = at(event);
          if (chosen) onChosen(chosen);
        }}
        onKeyDown={onKey}
      />
      <Layer look={`ring${element ? "" : " away"}`} />
      <Layer look="card bar" role="region" aria-label="Element picker" onKeyDown={onKey}>
        <p>
          <b>Pick an element.</b> Click it, or use the arrow keys and Enter.
          <span class="until"> Until {until.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" })}.</span>
        </p>
        <div class="buttons">
          <button type="button" class="button secondary" onClick={onRest}>Use the page</button>
          <button type="button" class="button secondary" onClick={onPicture}>Picture for heat maps</button>
          <button type="button" class="button quiet" onClick={onLeave}>Leave</button>
        </div>
      </Layer>
      {element && <Layer look="tag" aria-hidden="true"><span>{described(element)}</span></Layer>}
      <p class="unseen" role="status">{element ? described(element) : ""}</p>
    </Fragment>
  );
}

/** Rings around all that a selector leads to. */
function Outlines({ host, elements }: { host: Host; elements: Element[] }): VNode {
  const shown = elements.slice(0, MOST_OUTLINES);
  useLayoutEffect(() => {
    const stops = shown.map((element, place) =>
      follow(element, ({ left, top, width, height }) =>
        host.place(`.match-${place}`, { left: `${left - 3}px`, top: `${top - 3}px`, width: `${width + 6}px`, height: `${height + 6}px` }),
      ),
    );
    return () => stops.forEach((stop) => stop());
  }, [elements]);
  return <Fragment>{shown.map((_, place) => <Layer key={place} look={`match match-${place}`} />)}</Fragment>;
}

function leadsTo({ elements }: Candidate): string {
  if (elements.length === 1) return "Unique";
  return elements.length ? `${elements.length} elements` : "Not visible";
}

function Ways({ candidates, chosen, onChoose }: { candidates: Candidate[]; chosen: Candidate; onChoose: (way: Candidate) => void }): VNode {
  return (
    <fieldset class="ways">
      <legend>How to find it</legend>
      {candidates.map((each) => (
        <label key={each.selector} class="way">
          <input type="radio" name="way" checked={each === chosen} onChange={() => onChoose(each)} />
          <span>
            <code>{each.selector}</code>
            <span class="verdict">
              <span>{each.kind}</span>
              <b class={each.elements.length === 1 ? "good" : "bad"}>{leadsTo(each)}</b>
              <b class={each.isStable ? "good" : "bad"}>{each.isStable ? "Stable" : "Not stable"}</b>
            </span>
            <span class="why">{each.why}</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}

function Copy({ text }: { text: string }): VNode {
  const [said, say] = useState("Copy");
  const code = useRef<HTMLElement>(null);
  useEffect(() => say("Copy"), [text]);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      say("Copied");
    } catch {
      // Pages may forbid it: then it is marked, for the keys that copy.
      getSelection()?.selectAllChildren(code.current!);
      say("Marked: copy it with the keyboard");
    }
  };
  return (
    <div class="copy">
      <pre tabIndex={0} aria-label="Text of the rules"><code ref={code}>{text}</code></pre>
      <button type="button" class="button secondary" onClick={() => void copy()}>{said}</button>
    </div>
  );
}

function Field({ label, value, hint, onInput }: { label: string; value: string; hint: string; onInput: (value: string) => void }): VNode {
  return (
    <label class="labelled">
      <span>{label}</span>
      <input class="field" value={value} placeholder={hint} maxLength={255} autocomplete="off" spellcheck={false} onInput={(event) => onInput(event.currentTarget.value)} />
    </label>
  );
}

/** Where the card leaves the element in sight. */
function asideFrom(element: Element): string {
  const { left, top, width, height } = element.getBoundingClientRect();
  return `${left + width / 2 > innerWidth / 2 ? "left" : "right"} ${top + height / 2 > innerHeight / 2 ? "up" : "down"}`;
}

interface Said {
  text: string;
  isDone?: boolean;
  isBusy?: boolean;
}

interface AskingProps {
  place: string;
  title: string;
  told: Said;
  buttons: VNode;
  onAgain: () => void;
  onLeave: () => void;
  children: ComponentChildren;
}

/** A card that asks for something, with the focus in it; Escape goes back to choosing. */
function Asking({ place, title, told, buttons, onAgain, onLeave, children }: AskingProps): VNode {
  const heading = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => heading.current?.focus({ preventScroll: true }), []);
  const onKey = (event: KeyboardEvent) => {
    if (event.key !== "Escape") return;
    // A dialog of the page that we are in is not meant.
    event.preventDefault();
    onAgain();
  };
  return (
    <Layer look={`card naming ${place}`} role="dialog" aria-labelledby="title" onKeyDown={onKey}>
      <div class="inner">
        <h2 ref={heading} id="title" class="title" tabIndex={-1}>{title}</h2>
        {children}
        <p class={`told${told.isDone ? " good" : ""}`} role="status">{told.text}</p>
        <div class="buttons">{buttons}</div>
      </div>
      <CloseButton label="Leave the picker" onClose={onLeave} />
    </Layer>
  );
}

/** What it is to be, and how it is found. */
function Naming({ host, session, element, onAgain, onLeave }: Props & { element: Element; onAgain: () => void }): VNode {
  const [candidates] = useState(() => candidatesFor(element));
  const [way, choose] = useState(() => bestOf(candidates)!);
  const [kind, become] = useState<Picked["kind"]>("target");
  const [event, call] = useState(() => proposedName(nameOf(element)));
  const [page, limit] = useState(() => patternOf(location.pathname));
  const [told, tell] = useState<Said>({ text: "" });
  const picked: Picked = kind === "target" ? { kind, selector: way.selector } : { kind, selector: way.selector, event, page: page || undefined };
  const changed = <T,>(change: (value: T) => void) => (value: T) => {
    tell({ text: "" });
    change(value);
  };
  const hand = async () => {
    tell({ text: "Handing over…" });
    try {
      await session.hand(picked);
      tell({ text: "Handed over.", isDone: true });
    } catch (fault) {
      tell({ text: (fault as Error).message });
    }
  };
  const buttons = (
    <Fragment>
      <button type="button" class="button primary" disabled={kind === "event" && !event.trim()} onClick={() => void hand()}>Hand it over</button>
      <button type="button" class="button secondary" onClick={onAgain}>Pick another</button>
    </Fragment>
  );
  return (
    <Fragment>
      <Outlines host={host} elements={way.elements} />
      <Asking place={asideFrom(element)} title={described(element)} {...{ told, buttons, onAgain, onLeave }}>
        <Ways candidates={candidates} chosen={way} onChoose={changed(choose)} />
        <fieldset class="kinds">
          <legend>What it is to be</legend>
          <label><input type="radio" name="kind" checked={kind === "target"} onChange={() => changed(become)("target")} /> The place of a guide</label>
          <label><input type="radio" name="kind" checked={kind === "event"} onChange={() => changed(become)("event")} /> A new event: its click</label>
        </fieldset>
        {kind === "event" ? (
          <div class="fields">
            <Field label="Name of the event" hint="Opened DNS help" value={event} onInput={changed(call)} />
            <Field label="On pages" hint="every page" value={page} onInput={changed(limit)} />
          </div>
        ) : undefined}
        <Copy text={wayOf(picked)} />
      </Asking>
    </Fragment>
  );
}

/** A masked picture of the page as it stands, without us, for the heat maps of pages like it. */
function Picturing({ host, left, session, pictures, onAgain, onLeave }: Props & { onAgain: () => void }): VNode {
  const [page, limit] = useState(() => patternOf(location.pathname));
  const [told, tell] = useState<Said>({ text: "" });
  const take = async () => {
    tell({ text: "Taking it…", isBusy: true });
    try {
      const picture = await pictures();
      host.leave();
      let events: object[];
      try {
        events = picture();
      } finally {
        enterPage(host, left);
        // A popover that was taken out is closed, and has lost the focus.
        host.root.querySelectorAll<HTMLElement>(".layer").forEach((each) => raise(each));
        focusFirst(host.root);
      }
      await session.picture(page.trim(), events);
      tell({ text: "Taken. The heat map of these pages is drawn on it from now on.", isDone: true });
    } catch (fault) {
      tell({ text: (fault as Error).message });
    }
  };
  const buttons = (
    <Fragment>
      <button type="button" class="button primary" disabled={told.isBusy || !page.trim()} onClick={() => void take()}>Take the picture</button>
      <button type="button" class="button secondary" onClick={onAgain}>Pick an element</button>
    </Fragment>
  );
  return (
    <Asking place="right down" title="Take a picture of this page for heat maps" {...{ told, buttons, onAgain, onLeave }}>
      <p>Letters, fields and media are masked before anything leaves this page; what stands on it stays here. It takes the place of an earlier picture of the same pages.</p>
      <Field label="For pages" hint="/domains/*" value={page} onInput={limit} />
    </Asking>
  );
}

function Picker(props: Props): VNode {
  const [state, go] = useState<State>({ at: "choosing" });
  const choose = () => {
    enterPage(props.host, props.left);
    go({ at: "choosing" });
  };
  useEffect(() => {
    if (state.at !== "resting") return;
    // A dialog that the page opens meanwhile would leave us without a way to go on.
    const timer = setInterval(() => {
      const inside = openDialog();
      if (inside === state.inside) return;
      enterPage(props.host, props.left);
      go({ at: "resting", inside });
    }, LOOK_EVERY_MS);
    return () => clearInterval(timer);
  }, [state]);
  switch (state.at) {
    case "choosing":
      return <Choosing {...props} onChosen={(element) => go({ at: "naming", element })} onRest={() => go({ at: "resting", inside: openDialog() })} onPicture={() => go({ at: "picturing" })} />;
    case "picturing":
      return <Picturing key="picturing" {...props} onAgain={choose} />;
    case "resting":
      return (
        <Layer key={state.inside} look="card bar" role="region" aria-label="Element picker">
          <p>The page is yours: open what is to be picked.</p>
          <div class="buttons">
            <button type="button" class="button primary" onClick={choose}>Pick an element</button>
            <button type="button" class="button quiet" onClick={props.onLeave}>Leave</button>
          </div>
        </Layer>
      );
    case "naming":
      return <Naming key="naming" {...props} element={state.element} onAgain={choose} />;
  }
}

/** Beside the page; inside its modal dialog while there is one, since all else is inert then. */
function enterPage(host: Host, left: AbortSignal): void {
  const dialog = openDialog();
  host.leave();
  host.enter(dialog);
  dialog?.addEventListener("close", () => host.enter(), { once: true, signal: left });
}

/** The server does not let us; said where whoever opened the link looks. */
function Refused({ text, onLeave }: { text: string; onLeave: () => void }): VNode {
  return (
    <Layer look="card bar" role="alert">
      <p><b>The element picker cannot be used here.</b> {text}</p>
      <div class="buttons"><button type="button" class="button secondary" onClick={onLeave}>Close</button></div>
    </Layer>
  );
}

/** Open the picker, where this page was opened with a link to it. */
export async function openPicker(desk: PickerDesk): Promise<void> {
  const token = tokenHere();
  if (!token) return;
  const host = new Host({ theme: desk.theme, direction: "ltr", language: "en" }, css);
  const focused = document.activeElement;
  const leaving = new AbortController();
  const leave = desk.guard(() => {
    forgetToken();
    leaving.abort();
    render(null, host.root);
    host.leave();
    if (focused instanceof HTMLElement) focused.focus({ preventScroll: true });
  });
  const session = new Session(desk, token);
  let shown: VNode;
  try {
    const until = await session.open();
    shown = <Picker host={host} left={leaving.signal} session={session} until={until} pictures={desk.pictures} onLeave={leave} />;
  } catch (fault) {
    forgetToken();
    shown = <Refused text={(fault as Error).message} onLeave={leave} />;
  }
  enterPage(host, leaving.signal);
  render(shown, host.root);
}
