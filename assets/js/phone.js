import "./kit/trusted.js";
import htmx from "./kit/htmx.js";
import "./kit/pages.js";
import { boostDrafts } from "./kit/draft.js";
import "./kit/countdown.js";
import "./kit/proof.js";
import "./kit/kept.js";
import "./kit/region-picker.js";

boostDrafts(htmx);
