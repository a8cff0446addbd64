// Starts the GOV.UK components. The classes tell their style sheet that scripts run.
import { initAll } from "./vendor/govuk-frontend.min.js";

document.body.classList.add("js-enabled", "govuk-frontend-supported");
initAll();
