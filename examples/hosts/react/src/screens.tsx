import { useStep, useWaypost } from "@waypost/react";
import { useState } from "react";

export function SignUp({ onSignedUp }: { onSignedUp: (firstName: string) => void }) {
  const waypost = useWaypost();
  const signUp = (form: FormData) => {
    // What a visitor did becomes the user's as soon as the provider says who it is.
    waypost.track("Signed Up");
    onSignedUp(String(form.get("first_name")));
  };
  return (
    <form action={signUp}>
      <h1>Create your account</h1>
      <label>
        First name <input name="first_name" autoComplete="given-name" required />
      </label>
      <button>Create account</button>
    </form>
  );
}

export function AddDomain({ onAdded }: { onAdded: (domain: string) => void }) {
  const waypost = useWaypost();
  const add = (form: FormData) => {
    const domain = String(form.get("domain"));
    waypost.track("Domain Added", { domain });
    onAdded(domain);
  };
  return (
    <form action={add}>
      <h1>Add a domain</h1>
      <label>
        Domain <input name="domain" required />
      </label>
      <button>Add domain</button>
    </form>
  );
}

export function Verify({ domain }: { domain: string }) {
  useStep("activation.verify_domain");
  const waypost = useWaypost();
  const [outcome, tell] = useState("");
  const check = (form: FormData) => {
    const isVerified = form.has("added");
    waypost.track(isVerified ? "Domain Verified" : "DNS Check Failed", { domain });
    tell(isVerified ? `${domain} is verified.` : "We found no records yet.");
  };
  return (
    <>
      <h1>Verify your domain</h1>
      <table id="dns-records">
        <tbody>
          <tr>
            <th>TXT</th>
            <td>postbird-verify=7f2a</td>
          </tr>
          <tr>
            <th>CNAME</th>
            <td>mail.postbird.example</td>
          </tr>
        </tbody>
      </table>
      <form action={check}>
        <label>
          <input type="checkbox" name="added" /> I have added both records
        </label>
        <button>Check DNS</button>
      </form>
      <p role="status">{outcome}</p>
    </>
  );
}
