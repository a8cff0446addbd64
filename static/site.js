// Keeps a form's draft every ten seconds. Every page works without this file.
const EVERY = 10_000;

const londonTime = (moment) =>
  new Date(moment).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: "Europe/London" });

const typedIn = (form) => {
  const data = new FormData(form);
  for (const [name, value] of [...data]) {
    if (value instanceof File || name === "then") data.delete(name);
  }
  return new URLSearchParams(data);
};

const keepDraft = (form) => {
  const said = form.querySelector("[data-saved]");
  let kept = typedIn(form).toString();
  let busy = false;

  const save = async () => {
    const now = typedIn(form);
    if (busy || now.toString() === kept) return;
    busy = true;
    try {
      const answer = await fetch(form.dataset.draftUrl, { method: "POST", body: now, redirect: "error" });
      if (!answer.ok && answer.status !== 409) return;
      const { saved_at: at, not_saved: why, draft_version: version } = await answer.json();
      if (answer.ok && version !== undefined && form.elements.draft_version) {
        form.elements.draft_version.value = version;
        now.set("draft_version", version);
      }
      if (answer.ok) kept = now.toString();
      if (said && (at || why)) said.textContent = at ? `Saved at ${londonTime(at)}` : why;
    } catch {
      // No connection: the time last shown stays true, and the next round tries again.
    } finally {
      busy = false;
    }
  };

  const timer = setInterval(save, EVERY);
  form.addEventListener("submit", () => clearInterval(timer));
};

document.querySelectorAll("form[data-draft-url]").forEach(keepDraft);
