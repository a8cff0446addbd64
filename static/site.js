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
      if (!answer.ok) return;
      kept = now.toString();
      const { saved_at: at } = await answer.json();
      if (said) said.textContent = `Saved at ${londonTime(at)}`;
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
