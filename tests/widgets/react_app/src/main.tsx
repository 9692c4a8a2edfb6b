/** A small application in Strict Mode that draws its guides itself. */
import { GuideSlot, useGuide, useStep, useWaypost, useWaypostEvent, WaypostProvider } from "@waypost/react";
import type { Choice, Guide, Question } from "@waypost/js";
import { StrictMode, useEffect, useRef, useState } from "react";
import { createRoot } from "react-dom/client";

const asked = new URLSearchParams(location.search);

function Choices({ question, guide }: { question: Question; guide: Guide }) {
  return (
    <div role="group" aria-label={question.text}>
      {question.choices.map((choice: Choice) => (
        <button key={choice.id} onClick={() => guide.answered(choice.id)}>
          {choice.text}
        </button>
      ))}
    </div>
  );
}

function Survey({ guide }: { guide: Guide }) {
  const { question } = guide;
  if (!question) {
    return (
      <p>
        Thanks! <button onClick={() => guide.dismissed()}>Close</button>
      </p>
    );
  }
  return (
    <section>
      <h2>{question.text}</h2>
      {question.scale && <button onClick={() => guide.answered(question.scale!.low)}>Lowest</button>}
      {question.choices.length > 0 && <Choices question={question} guide={guide} />}
      {question.optional && <button onClick={() => guide.skipped()}>Skip</button>}
      {guide.hasBack && <button onClick={() => guide.back()}>Back</button>}
    </section>
  );
}

function Verify() {
  useStep("activation.verify_domain");
  const waypost = useWaypost();
  const tooltip = useGuide({ kind: "tooltip" });
  const [lives, tell] = useState<string[]>([]);
  useWaypostEvent("completed", ({ guide }) => tell([...lives, `${guide} completed`]));
  // Twice in Strict Mode by itself: an application says such things in answer to what somebody does, or once.
  const isSaid = useRef(false);
  useEffect(() => {
    if (!isSaid.current) waypost.track("Page Rendered", { framework: "react" });
    isSaid.current = true;
  }, []);
  return (
    <main>
      <h1>Verify your domain</h1>
      <div id="dns-records">two records</div>
      <button onClick={() => waypost.track("DNS Check Failed", { reason: "NXDOMAIN" })}>Check</button>
      <button onClick={() => waypost.track("Domain Verified")}>Verified</button>
      {tooltip && "title" in tooltip.content && (
        <aside ref={(part) => void (part && tooltip.shown(part))} data-beside={tooltip.element?.id}>
          {tooltip.content.title}
          {"buttons" in tooltip.content &&
            tooltip.content.buttons.map((button) => (
              <button key={button.text} onClick={() => tooltip.pressed(button)}>
                {button.text}
              </button>
            ))}
        </aside>
      )}
      <GuideSlot kind="survey" className="corner">
        {(guide) => <Survey guide={guide} />}
      </GuideSlot>
      <output>{lives.join()}</output>
    </main>
  );
}

function App() {
  const [isHere, stay] = useState(true);
  const [user, become] = useState<string | null>("ada");
  return (
    <WaypostProvider
      options={{
        key: asked.get("key")!,
        host: asked.get("host")!,
        headless: true,
        enabled: !asked.has("off"),
        sensors: false,
      }}
      user={user === null ? null : { id: user, traits: { first_name: "Ada" }, token: asked.get("token") ?? undefined }}
      account={{ id: "acme", traits: { industry: "books" } }}
    >
      {isHere && <Verify />}
      <button onClick={() => stay(!isHere)}>Leave</button>
      <button onClick={() => become(null)}>Sign out</button>
    </WaypostProvider>
  );
}

createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
